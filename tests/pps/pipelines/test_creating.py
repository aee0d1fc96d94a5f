"""Creating pipelines: what is made, in one transaction, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any

import pytest

from calf.model.errors import AlreadyExists, CalfError, InvalidSpec, NotFound, Unimplemented
from calf.model.pps_infos import Image
from calf.model.states import JobState, OriginKind, PipelineState, PipelineType
from calf.pfs import repos
from calf.pps.pipelines import retry_images
from tests.pps.pipelines.bench import Bench, SomeImages, crossed


def test_a_pipeline_has_three_repos_a_version_and_two_branches(bench: Bench) -> None:
    info = bench.create("p", "in")
    with bench.world.pfs.read() as tx:
        described = {str(it.repo): it.description for it in repos.list_(tx) if it.repo.name == "p"}
    assert described == {
        "default/p": "Output repo for pipeline default/p.",
        "default/p.spec": "Spec repo for pipeline default/p.",
        "default/p.meta": "Meta repo for pipeline default/p",
    }
    for branch in ("p@master", "p.meta@master"):
        assert bench.provenance(branch) == ["in@master", "p.spec@master"]
    marker = bench.world.info(info.spec_commit)
    assert (marker.origin, marker.size, bool(marker.finished)) == (OriginKind.USER, 0, True)


def test_creation_opens_a_job_at_once_with_the_id_of_its_transaction(bench: Bench) -> None:
    info = bench.create("p")
    (job,) = bench.jobs("p")
    assert job.job.id == info.spec_commit.id == bench.world.head("p@master").id
    assert (job.state, job.pipeline_version) == (JobState.CREATED, 1)
    assert set(bench.world.members(job.job.id)) == {"in", "p.spec", "p", "p.meta"}


def test_the_record_holds_the_effective_spec_and_the_users_own(bench: Bench) -> None:
    info = bench.create("p", transform={"cmd": ["run"]})
    assert info.spec.transform is not None
    assert (info.spec.transform.image, info.spec.datum_tries) == ("ubuntu:20.04", 3)
    assert '"datum_tries":3' in info.effective_spec_json
    assert "datum_tries" not in info.user_spec_json
    assert (info.version, info.type, info.created) == (1, PipelineType.TRANSFORM, info.updated)
    assert bench.inspect("p").spec == info.spec


def test_the_image_is_pinned_at_creation(bench: Bench) -> None:
    assert bench.create("p").image == Image("stage:1", "d1", "stage")
    bench.images.known["stage:1"] = "d2"
    assert bench.inspect("p").image == Image("stage:1", "d1", "stage")
    assert bench.rerun("p").image == Image("stage:1", "d2", "stage")


def test_several_commits_before_creation_give_one_output_commit(bench: Bench) -> None:
    for path in ("/a", "/b", "/c"):
        bench.world.commit("in@master", path)
    bench.create("p")
    assert bench.outputs("p") == 1


def test_the_output_branch_may_have_another_name(bench: Bench) -> None:
    bench.create("p", output_branch="staging")
    assert bench.provenance("p@staging") == ["in@master", "p.spec@master"]
    assert bench.provenance("p.meta@staging") == ["in@master", "p.spec@master"]


def test_a_missing_input_branch_is_made_and_a_chain_works_at_once(bench: Bench) -> None:
    bench.create("a", {"pfs": {"repo": "in", "branch": "dev", "glob": "/"}})
    bench.create("b", "a")
    assert bench.world.files("in@dev") == []
    commit = bench.world.commit("in@dev", "/x")
    assert {bench.world.head(name).id for name in ("a@master", "b@master")} == {commit.id}


def test_an_unknown_image_leaves_it_crashing_until_it_is_there(bench: Bench) -> None:
    info = bench.create("p", transform={"cmd": ["run"], "image": "later:1"})
    assert (info.state, info.image) == (PipelineState.CRASHING, None)
    assert info.reason == "image later:1 is not known; calf image build"
    retry_images(bench.pps)
    assert bench.inspect("p").state is PipelineState.CRASHING
    bench.images.known["later:1"] = "d9"
    retry_images(bench.pps)
    found = bench.inspect("p")
    assert (found.state, found.reason) == (PipelineState.RUNNING, "")
    assert found.image == Image("later:1", "d9", "stage")


def test_an_image_that_cannot_be_spoken_of_now_leaves_it_crashing_with_the_reason(bench: Bench) -> None:
    bench.images.silent["stage:1"] = "the engine does not answer"
    info = bench.create("p")
    assert (info.state, info.reason) == (
        PipelineState.CRASHING,
        "the engine does not answer; look at the engine",
    )
    bench.images.silent.clear()
    retry_images(bench.pps)
    assert bench.inspect("p").state is PipelineState.RUNNING


@dataclass
class Slow(SomeImages):
    """An engine that takes its time: for as long, somebody else wants to write."""

    others: Callable[[], object] = lambda: None

    def resolve(self, name: str) -> Image:
        writer = Thread(target=self.others)
        writer.start()
        writer.join(20)
        assert not writer.is_alive()
        return super().resolve(name)


def test_others_write_while_it_is_found_out_whether_an_image_has_come(bench: Bench) -> None:
    bench.images.silent["stage:1"] = "the engine does not answer"
    bench.create("p")
    slow = Slow(bench.images.known, others=lambda: bench.world.branch("in@other"))
    retry_images(replace(bench.pps, images=slow))
    assert bench.inspect("p").state is PipelineState.RUNNING


def test_what_was_found_of_an_image_is_not_said_of_a_version_that_came_meanwhile(bench: Bench) -> None:
    bench.images.silent["stage:1"] = "the engine does not answer"
    bench.create("p")

    def update() -> None:
        if bench.inspect("p").version == 1:
            bench.update("p", transform={"cmd": ["run"], "image": "later:1"})

    retry_images(replace(bench.pps, images=Slow(bench.images.known, others=update)))
    found = bench.inspect("p")
    assert (found.version, found.state, found.image) == (2, PipelineState.CRASHING, None)
    assert found.reason == "image later:1 is not known; calf image build"


def test_a_pipeline_without_command_is_made_and_fails(bench: Bench) -> None:
    info = bench.create("p", transform={"image": "stage:1"})
    assert info.state is PipelineState.FAILURE
    assert info.reason == "invalid pipeline transform, no command specified"


def test_a_spec_may_bring_its_salt(bench: Bench) -> None:
    assert bench.create("p", salt="mine").salt == "mine"
    assert len(bench.create("q").salt) == 32


@pytest.mark.parametrize(
    ("spec", "error", "text"),
    [
        ({"reads": "none"}, NotFound, "repo default/none not found"),
        ({"name": "in"}, AlreadyExists, 'pipeline "in" cannot be created because a repo with the same name'),
        ({"pipeline": {"project": {"name": "no"}, "name": "p"}}, NotFound, 'cannot find project "no"'),
        ({"reads": {"pfs": {"repo": "in", "glob": "/("}}}, InvalidSpec, "malformed glob"),
        ({"transform": None}, InvalidSpec, "pipeline must specify a transform"),
        (
            {"egress": {"sql_database": {"url": "postgres://x", "secret": {"name": "s", "key": "k"}}}},
            Unimplemented,
            "egress to SQL databases is not offered",
        ),
        ({"s3_out": True}, Unimplemented, "s3_out is not offered"),
        ({"reads": {"cron": {"name": "t", "spec": "x"}}}, InvalidSpec, "error parsing cron-spec: Expected"),
        ({"reads": {"pfs": {"repo": "in", "glob": "/", "s3": True}}}, Unimplemented, "s3 inputs are not"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    bench: Bench, spec: dict[str, Any], error: type[CalfError], text: str
) -> None:
    spec = {"name": "p", "reads": "in", **spec}
    with pytest.raises(error) as caught:
        bench.create(spec.pop("name"), spec.pop("reads"), **spec)
    assert text in caught.value.message
    assert bench.listed() == []
    with bench.world.pfs.read() as tx:
        assert [str(info.repo) for info in repos.list_(tx)] == ["default/in"]


def test_an_existing_pipeline_is_not_made_again_without_update(bench: Bench) -> None:
    bench.create("p")
    with pytest.raises(AlreadyExists, match='pipeline "default/p" already exists'):
        bench.create("p")


def test_a_pipeline_cannot_read_its_own_output(bench: Bench) -> None:
    bench.create("p")
    with pytest.raises(InvalidSpec, match="cannot be in the provenance of its own branch"):
        bench.update("p", "in p")


def test_a_cycle_is_refused(bench: Bench) -> None:
    bench.create("a")
    bench.create("b", "a")
    with pytest.raises(InvalidSpec, match="cycle detected because"):
        bench.update("a", "in b")
    assert bench.inspect("a").version == 1


def test_two_branches_of_one_repo_in_one_dag_are_refused(bench: Bench) -> None:
    both = {
        "cross": [
            {"pfs": {"repo": "in", "name": "a", "glob": "/"}},
            {"pfs": {"repo": "in", "name": "b", "branch": "staging", "glob": "/"}},
        ]
    }
    with pytest.raises(InvalidSpec, match=r"multiple branches from the same repo, .* cannot participate"):
        bench.create("p", both)


def test_a_diamond_has_one_job_a_commit(bench: Bench) -> None:
    bench.create("b")
    bench.create("c", crossed(["in", "b"]))
    commit = bench.world.commit("in@master", "/x")
    bench.end_jobs()
    assert bench.outputs("b") == 2
    assert bench.outputs("c") == 2
    assert bench.world.head("c@master").id == bench.world.head("b@master").id == commit.id
