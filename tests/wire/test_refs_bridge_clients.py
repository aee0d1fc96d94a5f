"""What clients of different ages send for the same thing."""

from __future__ import annotations

from typing import Any

import pytest

from calf.model.errors import InvalidArgument
from calf.model.refs import Branch, Commit, CommitRef, Job, Pipeline, Repo
from calf.wire import convert_refs as refs
from calf.wire.messages import pfs, pps

IMAGES = Repo("default", "images")


@pytest.mark.parametrize(
    ("message", "repo"),
    [
        ({"name": "images"}, IMAGES),
        ({"name": "images", "type": "user", "project": {"name": ""}}, IMAGES),
        ({"name": "images", "type": "meta", "project": {"name": "p"}}, Repo("p", "images", "meta")),
    ],
)
def test_missing_project_and_type_have_defaults(message: dict[str, Any], repo: Repo) -> None:
    assert refs.read_repo(pfs.Repo(**message)) == repo


@pytest.mark.parametrize(
    "message",
    [
        {"repo": {"name": "images"}, "id": "master"},
        {"branch": {"repo": {"name": "images"}, "name": "master"}},
        {"repo": {"name": "images"}, "branch": {"repo": {"name": "images"}, "name": "master"}},
        {"repo": {"name": "images"}, "branch": {"name": "master"}},
        {"branch": {"repo": {"name": "images"}}, "id": "master"},
        {"branch": {"repo": {"name": "images"}, "name": "other"}, "id": "master"},
    ],
)
def test_a_commit_may_name_its_repo_and_itself_in_two_places(message: dict[str, Any]) -> None:
    assert refs.read_commit_ref(pfs.Commit(**message)) == CommitRef(IMAGES, "master")


def test_a_parent_without_repo_is_of_the_default_one() -> None:
    assert refs.read_commit_ref(pfs.Commit(id="master^2"), default=IMAGES) == CommitRef(IMAGES, "master^2")
    elsewhere = pfs.Commit(branch={"repo": {"name": "b"}, "name": "x"})
    assert refs.read_commit_ref(elsewhere, default=IMAGES) == CommitRef(Repo("default", "b"), "x")


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (refs.read_repo, pfs.Repo()),
        (refs.read_branch, pfs.Branch(repo={"name": "r"})),
        (refs.read_branch, pfs.Branch(name="b")),
        (refs.read_commit_ref, pfs.Commit(repo={"name": "r"})),
        (refs.read_commit_ref, pfs.Commit(id="master")),
        (refs.read_pipeline, pps.Pipeline()),
        (refs.read_job, pps.Job(pipeline={"name": "p"})),
    ],
)
def test_missing_parts_are_refused(read: Any, message: Any) -> None:
    with pytest.raises(InvalidArgument, match="specif"):
        read(message)


def test_a_written_commit_serves_old_and_new_readers() -> None:
    message = refs.write_commit(Commit(Repo("p", "r", "meta"), "1" * 32), "master")
    assert (message.repo.project.name, message.repo.name, message.repo.type) == ("p", "r", "meta")
    assert (message.branch.repo.name, message.branch.name) == ("r", "master")


def test_references_survive_the_round_trip() -> None:
    branch = Branch(Repo("p", "r"), "b")
    job = Job(Pipeline("p", "edges"), "2" * 32)
    assert refs.read_branch(refs.write_branch(branch)) == branch
    assert refs.read_job(refs.write_job(job)) == job
    assert refs.read_file(pfs.File(commit={"repo": {"name": "images"}, "id": "x"}, path="/a", datum="d")) == (
        CommitRef(IMAGES, "x"),
        "/a",
        "d",
    )
