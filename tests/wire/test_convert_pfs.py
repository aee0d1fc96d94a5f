from __future__ import annotations

import pytest

from calf.model.errors import InvalidArgument
from calf.model.pfs_infos import (
    BranchInfo,
    CommitInfo,
    CommitSetInfo,
    FileInfo,
    ProjectInfo,
    RepoInfo,
    Trigger,
)
from calf.model.refs import Branch, Commit, File, Repo
from calf.model.states import FileType, OriginKind
from calf.wire import convert_pfs
from calf.wire.convert_refs import write_commit
from calf.wire.documents import from_document, to_document
from calf.wire.messages import pfs, pps

REPO = Repo("default", "images")
COMMIT = Commit(REPO, "a" * 12 + "4" + "b" * 19)


def test_an_open_commit_shows_no_size_and_no_end() -> None:
    message = convert_pfs.write_commit_info(
        CommitInfo(COMMIT, "master", OriginKind.USER, started=1700000000.25)
    )
    assert message.started.ToJsonString() == "2023-11-14T22:13:20.250Z"
    assert not message.HasField("finished")
    assert not message.HasField("details")
    assert not message.HasField("parent_commit")
    assert message.origin.kind == pfs.USER


def test_a_finished_commit_shows_everything() -> None:
    info = CommitInfo(
        COMMIT,
        "master",
        OriginKind.AUTO,
        description="d",
        parent=Commit(REPO, "1"),
        children=(Commit(REPO, "2"),),
        finishing=2.0,
        finished=3.5,
        direct_provenance=(Commit(Repo("p", "in"), "3"),),
        error="broken",
        size=7,
        metadata={"k": "v"},
        branches={Commit(REPO, "1"): "staging"},
    )
    message = convert_pfs.write_commit_info(info)
    assert message.commit.branch.name == "master"
    assert (message.parent_commit.id, message.parent_commit.branch.name) == ("1", "staging")
    assert [child.id for child in message.child_commits] == ["2"]
    assert message.direct_provenance[0].repo.project.name == "p"
    assert (message.error, message.details.size_bytes, message.size_bytes_upper_bound) == ("broken", 7, 7)
    assert message.metadata["k"] == "v"
    commits = convert_pfs.write_commit_set_info(CommitSetInfo(COMMIT.id, (info, info))).commits
    assert list(commits) == [message, message]


def test_repo_branch_project_and_file_records() -> None:
    repo = convert_pfs.write_repo_info(RepoInfo(REPO, 1.0, "d", 5, (Branch(REPO, "b"),)))
    assert (repo.details.size_bytes, repo.branches[0].name, repo.description) == (5, "b", "d")
    trigger = Trigger("staging", all=True, size="1K", commits=3)
    branch = convert_pfs.write_branch_info(
        BranchInfo(
            Branch(REPO, "b"), COMMIT, "staging", direct_provenance=(Branch(REPO, "x"),), trigger=trigger
        )
    )
    assert (branch.head.branch.name, branch.direct_provenance[0].name) == ("staging", "x")
    assert convert_pfs.read_trigger(branch.trigger) == trigger
    assert convert_pfs.write_project_info(ProjectInfo("p", "d", 1.0)).project.name == "p"
    file = convert_pfs.write_file_info(
        FileInfo(File(COMMIT, "/a/", "tag"), FileType.DIR, 9, b"\x01" * 32, 4.0)
    )
    assert (file.file.path, file.file.datum, file.file_type) == ("/a/", "tag", pfs.DIR)
    assert (file.size_bytes, file.hash) == (9, b"\x01" * 32)


def test_documents_are_protobuf_json() -> None:
    info = pfs.RepoInfo(repo={"name": "r"}, size_bytes_upper_bound=5)
    document = to_document(info)
    assert document == {"repo": {"name": "r"}, "size_bytes_upper_bound": "5"}
    assert from_document(document, pfs.RepoInfo()) == info
    assert (
        from_document(
            {"sizeBytesUpperBound": 5, "junk": 1}, pfs.RepoInfo(), lenient=True
        ).size_bytes_upper_bound
        == 5
    )


def test_values_that_json_cannot_say_are_the_senders_mistake() -> None:
    request = pps.CreatePipelineRequest(maximum_expected_uptime={"nanos": 2**31 - 1})
    with pytest.raises(InvalidArgument, match="maximum_expected_uptime"):
        to_document(request)
    with pytest.raises(InvalidArgument, match="created"):
        from_document({"created": "soon"}, pfs.RepoInfo())


def test_a_commit_is_the_callers_own() -> None:
    one, other = (Commit(Repo("default", "images"), letter * 32) for letter in "ab")
    first = write_commit(one, "master")
    first.repo.name = first.branch.name = "changed"
    second = write_commit(other, "master")
    assert (second.repo.name, second.branch.repo.name, second.branch.name) == ("images", "images", "master")
    assert (first.id, second.id) == (one.id, other.id)
