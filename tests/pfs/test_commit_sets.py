"""Scenarios F5 of the specification, as far as they need no running pipeline."""

from __future__ import annotations

import pytest

from calf.model.errors import NotFound
from calf.model.refs import Commit
from calf.model.states import CommitState
from calf.pfs import branches, commits, commitsets, repos
from tests.pfs.world import World, at, ref, repo_of, uuid_like


def test_chained_pipelines_make_one_set(world: World) -> None:
    """F5.53."""
    world.repo("a")
    specs = [world.pipeline("b", reads="a@master"), world.pipeline("c", reads="b@master")]
    for made in specs:
        world.run(made)
    put = world.commit("a@master", "/file")
    assert sorted(world.members(put.id)) == ["a", "b", "b.meta", "b.spec", "c", "c.meta", "c.spec"]
    for name in ("b", "c", "b.meta", "c.meta"):
        assert world.head(f"{name}@master").id == put.id
    assert [world.head(f"{name}.spec@master").id for name in ("b", "c")] == specs


def test_provenance_comes_first_in_a_set(world: World) -> None:
    world.repo("a")
    world.run(world.pipeline("b", reads="a@master"))
    world.run(world.pipeline("c", reads="b@master"))
    members = world.members(world.commit("a@master").id)
    assert members.index("a") < members.index("b") < members.index("c")
    assert members.index("b.spec") < members.index("b.meta")
    assert members[0] == "a", "clients take the first one for the set's own"


def test_one_input_and_one_pipeline_are_four_and_four_stages_thirteen(world: World) -> None:
    """F5.55."""
    world.repo("in")
    reads = "in"
    for number, stage in enumerate(("p", "q", "r", "s"), start=1):
        world.run(world.pipeline(stage, reads=f"{reads}@master"))
        reads = stage
        assert len(world.members(world.commit("in@master").id)) == 1 + 3 * number
        world.run(world.head("in@master").id)


def test_a_diamond_gets_one_commit_a_branch(world: World) -> None:
    """F5.54: what C reads from A and from B stems from the same commit of A."""
    world.repo("a", "b", "c")
    world.branch("b@master", provenance="a@master")
    world.branch("c@master", provenance="a@master b@master")
    for _ in range(3):
        put = world.commit("a@master")
        assert sorted(world.members(put.id)) == ["a", "b", "c"]
        inputs = world.info("c@master").direct_provenance
        assert {commit.id for commit in inputs} == {put.id}


def test_two_inputs_in_one_transaction_make_one_downstream_commit(world: World) -> None:
    """F9.104."""
    world.repo("a", "b", "c")
    world.branch("c@master", provenance="a@master b@master")
    before = len(world.log("c"))
    with world.pfs.transaction() as txn:
        for name in ("a@master", "b@master"):
            commits.finish(txn, commits.start(txn, at(name)))
    assert len(world.log("c")) == before + 1
    assert {commit.id for commit in world.info("c@master").direct_provenance} == {txn.set_id}


def test_existing_commits_make_one_commit_on_a_new_branch(world: World) -> None:
    """F5.57 and F5.61."""
    world.repo("in", "out")
    line = [world.commit("in@master", f"/{number}") for number in range(10)]
    made = world.branch("out@master", provenance="in@master")
    assert world.log("out") == [Commit(repo_of("out"), made)]
    assert world.info("out@master").direct_provenance == (line[-1],)


def test_deferred_processing(world: World) -> None:
    """F5.58: p1 writes to `staging`, p2 reads `master`; sets of one, four and six commits."""
    world.repo("data")
    world.run(world.pipeline("p1", reads="data@master", output="staging"))
    world.run(world.pipeline("p2", reads="p1@master"))
    put = world.commit("data@staging", "/f")
    assert world.members(put.id) == ["data"]

    moved = world.branch("data@master", head="data@staging")
    assert sorted(world.members(moved)) == ["data", "p1", "p1.meta", "p1.spec"]
    assert world.head("data@master") == put
    assert put in world.info(f"p1@{moved}").direct_provenance
    world.run(moved)

    last = world.branch("p1@master", head="p1@staging")
    assert sorted(world.members(last)) == ["data", "p1", "p1.spec", "p2", "p2.meta", "p2.spec"]
    assert world.head("p1@master").id == moved


def test_updating_two_pipelines_at_once_makes_one_commit_each(world: World) -> None:
    """F5.59, in either order."""
    world.repo("in")
    world.run(world.pipeline("a", reads="in@master"))
    world.run(world.pipeline("b", reads="a@master"))
    for order in (("a", "b"), ("b", "a")):
        with world.pfs.transaction() as txn:
            for name in order:
                version = commits.start(txn, at(f"{name}.spec@master"))
                commits.finish(txn, version)
        assert world.head("a@master").id == world.head("b@master").id == txn.set_id
        assert Commit(repo_of("a"), txn.set_id) in world.info("b@master").direct_provenance
        world.run(txn.set_id)
    assert len(world.log("b")) == 3


def test_another_provenance_branch_makes_one_commit(world: World) -> None:
    """F5.60."""
    world.repo("a", "b", "out")
    world.branch("out@master", provenance="a@master")
    for _ in range(3):
        world.finish("out@master")
        assert sorted(world.members(world.commit("a@master").id)) == ["a", "out"]
    before = len(world.log("out"))
    made = world.branch("out@master", provenance="a@master b@master")
    assert len(world.log("out")) == before + 1
    assert sorted(world.members(made)) == ["a", "b", "out"]


def test_rewinding_an_input(world: World) -> None:
    """F5.62."""
    world.repo("in")
    world.run(world.pipeline("p", reads="in@master"))
    line = []
    for number in range(3):
        line.append(world.commit("in@master", f"/{number}"))
        world.run(line[-1].id)
    moved = world.branch("in@master", head="in@master^")
    with world.pfs.read() as tx:
        assert commits.resolve(tx, ref(f"in@{moved}")) == line[1]
    assert world.info("p@master").parent == Commit(repo_of("p"), line[2].id)
    assert world.info("p@master").commit.id == moved
    assert world.info(world.commit("in@master", "/new")).parent == line[1]
    assert world.files("in@master") == ["/0", "/1", "/new"]


def test_a_stopped_pipeline_gets_no_commits_and_one_when_started(world: World) -> None:
    """F5.64: its branches lose their provenance and get it back."""
    world.repo("in")
    world.run(world.pipeline("p", reads="in@master"))
    with world.pfs.transaction() as txn:
        for name in ("p@master", "p.meta@master"):
            branches.create(txn, at(name))
    before = len(world.log("p"))
    for number in range(3):
        world.commit("in@master", f"/{number}")
    assert len(world.log("p")) == before
    with world.pfs.transaction() as txn:
        for name in ("p@master", "p.meta@master"):
            branches.create(txn, at(name), provenance=[at("in@master"), at("p.spec@master")])
    assert len(world.log("p")) == before + 1
    assert world.head("in@master") in world.info("p@master").direct_provenance


def test_a_commit_elsewhere_in_an_output_repo_moves_nothing(world: World) -> None:
    """F5.67."""
    world.repo("in")
    world.run(world.pipeline("p", reads="in@master"))
    put = world.commit("p@notes", "/n")
    assert world.members(put.id) == ["p"]


def test_a_spout_gets_no_commits_by_itself(world: World) -> None:
    """A6: an output that only comes from a version is opened by the spout."""
    world.repo("s")
    with world.pfs.transaction() as txn:
        repos.create(txn, repo_of("s.spec"))
        commits.finish(txn, commits.start(txn, at("s.spec@master")))
        branches.create(txn, at("s@master"), provenance=[at("s.spec@master")])
    world.finish("s@master")
    before = world.head("s@master")
    world.commit("s.spec@master")
    assert world.head("s@master") == before


def test_sets_are_listed_newest_first_with_their_own_commits(world: World) -> None:
    world.repo("a", "b")
    world.branch("b@master", provenance="a@master")
    first, second = world.commit("a@master"), world.commit("a@master")
    listed = list(commitsets.list_(world.pfs))
    assert list(commitsets.list_(world.pfs, project="elsewhere")) == []
    assert list(commitsets.list_(world.pfs, project="default")) == listed
    assert [info.id for info in listed[:2]] == [second.id, first.id]
    assert [info.commit.repo.name for info in listed[0].commits] == ["a", "b"]


def test_a_missing_set_is_named(world: World) -> None:
    with (
        world.pfs.read() as tx,
        pytest.raises(NotFound, match=f"^no commits found for commitset {uuid_like(9)}$"),
    ):
        commitsets.inspect(tx, uuid_like(9))


def test_readiness_follows_the_inputs(world: World) -> None:
    world.repo("a", "b", "out")
    world.branch("out@master", provenance="a@master b@master")
    put = world.start("a@master")
    out = world.head("out@master")
    with world.pfs.read() as tx:
        assert commits.readiness(tx, out).waiting == (at("a@master"),)
        assert commits.inputs(tx, out) == {at("a@master"): put, at("b@master"): world.head("b@master")}
    world.finish(put, error="bad")
    with world.pfs.read() as tx:
        ready = commits.readiness(tx, out)
    assert ready.ready
    assert ready.errored == (at("a@master"),)
    assert world.info(out).state is CommitState.STARTED


def test_open_outputs_are_what_jobs_are_for(world: World) -> None:
    world.repo("in", "plain")
    world.branch("plain@master", provenance="in@master")
    made = world.pipeline("p", reads="in@master")
    put = world.start("in@master")
    with world.pfs.read() as tx:
        assert commits.open_outputs(tx) == [Commit(repo_of("p"), made), Commit(repo_of("p"), put.id)]
    world.run(made)
    with world.pfs.read() as tx:
        assert commits.open_outputs(tx) == [Commit(repo_of("p"), put.id)]
