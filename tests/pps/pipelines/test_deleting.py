"""Deleting pipelines."""

from __future__ import annotations

import pytest

from calf.model.errors import AlreadyExists, NotFound, Precondition, WrongState
from calf.model.refs import Repo
from calf.pfs import repos
from tests.pps.pipelines.bench import Bench


def repo_names(bench: Bench) -> list[str]:
    with bench.world.pfs.read() as tx:
        return sorted(str(info.repo).removeprefix("default/") for info in repos.list_(tx))


def test_a_deleted_pipeline_leaves_nothing_and_can_be_made_again(bench: Bench) -> None:
    bench.create("p")
    bench.update("p")
    bench.delete("p")
    assert (repo_names(bench), bench.listed()) == (["in"], [])
    assert bench.create("p").version == 1
    assert bench.outputs("p") == 1


def test_its_jobs_go_with_it(bench: Bench) -> None:
    bench.create("p")
    assert bench.jobs("p")
    bench.delete("p")
    bench.create("p")
    assert len(bench.jobs("p")) == 1


def test_one_that_others_read_is_kept_unless_forced(bench: Bench) -> None:
    bench.create("a")
    bench.create("b", "a")
    bench.create("c", "b")
    with pytest.raises(Precondition, match=r'pipeline "default/b" cannot be deleted .* read by: c'):
        bench.delete("b")
    bench.delete("b", force=True)
    assert "b" not in repo_names(bench)
    assert bench.provenance("c@master") == ["c.spec@master"]


def test_several_are_deleted_readers_first(bench: Bench) -> None:
    bench.create("a")
    bench.create("b", "a")
    bench.create("c", "b")
    bench.delete("a", "b", "c")
    assert repo_names(bench) == ["in"]


def test_the_output_can_be_kept_as_a_plain_repo(bench: Bench) -> None:
    bench.create("a")
    bench.create("b", "a")
    bench.world.write(bench.world.head("a@master"), "/result")
    bench.end_jobs()
    bench.delete("a", keep_repo=True)
    assert bench.world.files("a@master") == ["/result"]
    assert not {"a.spec", "a.meta"} & set(repo_names(bench))
    with pytest.raises(AlreadyExists, match="a repo with the same name already exists"):
        bench.create("a")
    bench.world.commit("a@master", "/by-hand")
    assert bench.world.head("b@master").id == bench.world.head("a@master").id


def test_keeping_the_output_of_a_running_job_ends_its_commit(bench: Bench) -> None:
    bench.create("p")
    bench.delete("p", keep_repo=True)
    assert bench.world.info("p@master").finished


def test_the_repo_of_a_pipeline_cannot_be_deleted_alone(bench: Bench) -> None:
    bench.create("p")
    with bench.world.pfs.transaction() as txn, pytest.raises(WrongState, match="delete the pipeline instead"):
        repos.delete(txn, Repo("default", "p"))


def test_what_is_not_there_cannot_be_deleted(bench: Bench) -> None:
    with pytest.raises(NotFound, match='pipeline "default/none" not found'):
        bench.delete("none")
