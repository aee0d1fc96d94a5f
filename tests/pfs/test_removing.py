from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from threading import Thread

import pytest

from calf.model.errors import NotFound, WrongState
from calf.model.refs import Commit, CommitRef
from calf.model.states import CommitState, OriginKind
from calf.pfs import branches, commits
from calf.pfs.transaction import Txn
from tests.pfs.noticing import NoticingToken
from tests.pfs.world import World, at, ref, uuid_like


def remove(world: World, verb: Callable[[Txn, str], Sequence[Commit]], commit: Commit) -> list[Commit]:
    with world.pfs.transaction() as txn:
        return list(verb(txn, commit.id))


def refused(world: World, verb: Callable[[Txn, str], Sequence[Commit]], commit: Commit, text: str) -> None:
    with pytest.raises(WrongState, match=re.escape(text)), world.pfs.transaction() as txn:
        verb(txn, commit.id)


def test_the_data_of_a_squashed_commit_lives_on_in_its_child(world: World) -> None:
    world.repo("a")
    first, second, third = (world.commit("a@master", f"/{number}") for number in (1, 2, 3))
    assert remove(world, commits.squash_set, second) == [second]
    assert world.log("a") == [third, first]
    assert world.info(third).parent == first
    assert world.files(third) == ["/1", "/2", "/3"]
    with pytest.raises(NotFound, match="not found"):
        world.info(second)


def test_the_last_commit_is_not_squashed(world: World) -> None:
    world.repo("a")
    head = [world.commit("a@master", f"/{number}") for number in (1, 2)][-1]
    text = (
        "cannot squash a commit that has no children as that would cause data loss,"
        " use the drop operation instead"
    )
    refused(world, commits.squash_set, head, text)


def test_only_the_last_commit_is_dropped_and_the_head_falls_back(world: World) -> None:
    world.repo("a")
    first, second = (world.commit("a@master", f"/{number}") for number in (1, 2))
    refused(world, commits.drop_set, first, f"cannot drop a commit that has children: {first}")
    remove(world, commits.drop_set, second)
    assert world.head("a@master") == first
    assert world.files("a@master") == ["/1"]


def test_a_branch_that_lost_its_only_commit_gets_an_empty_one(world: World) -> None:
    world.repo("a")
    only = world.commit("a@master", "/1")
    world.branch("a@other", head="a@master")
    remove(world, commits.drop_set, only)
    info = world.info("a@master")
    assert (info.origin, info.parent, bool(info.finished)) == (OriginKind.AUTO, None, True)
    assert world.head("a@other") == info.commit
    assert world.files("a@master") == []


def test_outputs_go_with_the_set_and_are_made_anew_where_nothing_is_left(world: World) -> None:
    world.repo("in", "out")
    with world.pfs.transaction() as txn:
        branches.create(txn, at("in@master"))
        branches.create(txn, at("out@master"), provenance=[at("in@master")])
    both = world.head("out@master")
    world.run(both.id)
    assert len(remove(world, commits.drop_set, both)) == 2
    anew = world.info("out@master")
    assert anew.commit != both
    assert (anew.parent, anew.finished) == (None, 0.0)
    assert anew.direct_provenance == (world.head("in@master"),)
    world.run(anew.commit.id)


def test_a_set_that_others_come_from_stays(world: World) -> None:
    world.repo("in", "out")
    old = world.commit("in@master", "/1")
    later = world.branch("out@master", "in@master")
    world.run(later)
    text = f'commit set "{old.id}" cannot be dropped because it has subvenant commit sets: [{later}]'
    refused(world, commits.drop_set, old, text)
    world.commit("in@master", "/2")
    refused(world, commits.squash_set, old, text)


def test_a_set_that_updated_a_pipeline_stays(world: World) -> None:
    world.repo("in")
    world.branch("in@master")
    made = world.pipeline("p", "in@master")
    world.run(made)
    text = "because it updated a pipeline"
    refused(world, commits.squash_set, Commit(at("in@x").repo, made), text)
    refused(world, commits.drop_set, Commit(at("in@x").repo, made), text)


def test_dropping_the_input_drops_what_runs_on_it(world: World) -> None:
    world.repo("in")
    world.branch("in@master")
    made = world.pipeline("p", "in@master")
    world.run(made)
    put = world.commit("in@master", "/1")
    assert world.head("p@master").id == put.id
    assert len(remove(world, commits.drop_set, put)) == 3
    assert world.head("p@master").id == world.head("p.meta@master").id == made
    world.run(world.commit("in@master", "/2").id)


def test_nothing_is_squashed_into_a_child_that_is_open(world: World) -> None:
    world.repo("a")
    first = world.commit("a@master", "/1")
    child = world.start("a@master")
    refused(world, commits.squash_set, first, f"cannot squash until child commit {child} is finished")
    world.finish(child)
    remove(world, commits.squash_set, first)
    assert world.files("a@master") == ["/1"]


def test_what_only_bad_children_follow_is_not_squashed(world: World) -> None:
    world.repo("a")
    good = world.commit("a@master", "/1")
    bad = world.commit("a@master", "/2", error="bad")
    refused(world, commits.squash_set, good, "cannot squash a commit that has no children")
    world.commit("a@master", "/3")
    remove(world, commits.squash_set, good)
    assert world.files("a@master") == ["/1", "/3"]
    assert world.files(bad) == ["/1", "/2"]


def test_a_bad_commit_that_nothing_was_written_to_keeps_what_it_showed(world: World) -> None:
    world.repo("a")
    good = world.commit("a@master", "/1")
    bad = world.commit("a@master", error="bad")
    world.commit("a@master", "/3")
    remove(world, commits.squash_set, good)
    assert world.files(bad) == ["/1"]


def test_what_was_made_from_a_commit_goes_along_only_if_wanted(world: World) -> None:
    world.repo("in")
    world.branch("in@master")
    world.run(world.pipeline("p", "in@master"))
    put = world.commit("in@master", "/1")
    world.run(put.id)
    for verb, name in ((commits.drop, "drop"), (commits.squash, "squash")):
        text = f"cannot {name} commit ({put}) with subvenance without recursive"
        with pytest.raises(WrongState, match=re.escape(text)), world.pfs.transaction() as txn:
            verb(txn, put)
    with world.pfs.transaction() as txn:
        assert len(commits.drop(txn, ref(f"in@{put.id}"), recursive=True)) == 3
    assert world.files("in@master") == []


def test_an_output_goes_with_the_records_of_its_datums(world: World) -> None:
    world.repo("in")
    world.branch("in@master")
    world.run(world.pipeline("p", "in@master"))
    put = world.commit("in@master", "/1")
    world.run(put.id)
    with world.pfs.transaction() as txn:
        gone = commits.drop(txn, ref("p@master"))
    assert {str(commit.repo) for commit in gone} == {"default/p", "default/p.meta"}


def test_several_generations_are_squashed_at_once(world: World) -> None:
    world.repo("in", "other")
    world.branch("in@master")
    world.branch("other@master")
    world.run(world.pipeline("p", "in@master other@master"))
    first = world.commit("in@master", "/1")
    world.run(first.id)
    world.run(world.commit("other@master", "/x").id)
    last = world.commit("in@master", "/2")
    world.run(last.id)
    with world.pfs.transaction() as txn:
        assert len(commits.squash(txn, first, recursive=True)) == 5
    assert world.info(Commit(at("p@x").repo, last.id)).parent == world.log("p")[-1]


def test_an_unknown_set_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="no commits found for commitset"), world.pfs.transaction() as txn:
        commits.squash_set(txn, uuid_like(9))


def test_a_set_may_be_opened_and_dropped_in_one_transaction(world: World) -> None:
    world.repo("a", "b")
    world.branch("b@master", "a@master")
    world.run(world.head("b@master").id)
    before = world.log("b")
    with world.pfs.transaction() as txn:
        started = commits.start(txn, at("a@master"))
        commits.finish(txn, started)
        commits.drop_set(txn, started.id)
    assert len(world.log("a")) == 1
    world.run(world.head("b@master").id)
    assert world.log("b")[1:] == before


class TestForgetting:
    @pytest.fixture
    def ran(self, world: World) -> World:
        world.repo("in")
        world.branch("in@master")
        world.run(world.pipeline("p", "in@master"))
        for number in (1, 2):
            commit = world.commit("in@master", f"/{number}")
            output = Commit(at("p@master").repo, commit.id)
            world.write(output, f"/{number}")
            world.run(commit.id)
        return world

    def forget(self, world: World, name: str) -> None:
        with world.pfs.transaction() as txn:
            commits.forget(txn, ref(name))

    def test_a_forgotten_commit_keeps_its_record_and_says_so_when_read(self, ran: World) -> None:
        old = ran.info("p@master^")
        self.forget(ran, "p@master^")
        self.forget(ran, "p@master^")
        assert ran.info("p@master^") == old
        with pytest.raises(WrongState, match=r"^the commit is forgotten$"):
            ran.files("p@master^")
        assert ran.files("p@master") == ["/1", "/2"]

    def test_a_head_is_never_a_forgotten_commit(self, ran: World) -> None:
        text = r"^the branch head cannot be a forgotten commit$"
        with pytest.raises(WrongState, match=text):
            self.forget(ran, "p@master")
        self.forget(ran, "p@master^")
        with pytest.raises(WrongState, match=text):
            ran.branch("p@other", head="p@master^")
        with pytest.raises(WrongState, match=text), ran.pfs.transaction() as txn:
            commits.drop(txn, CommitRef(at("p@x").repo, "master"))

    def test_what_a_bad_head_makes_the_next_commit_build_on_is_kept(self, ran: World) -> None:
        good = ran.head("p@master")
        ran.run(ran.commit("in@master", "/3").id, error="bad")
        with pytest.raises(WrongState, match=r"^the branch head cannot"):
            self.forget(ran, f"p@{good.id}")

    def test_only_old_outputs_are_forgotten(self, ran: World) -> None:
        with pytest.raises(WrongState, match=r"^the commit to be forgotten must be in an output repo$"):
            self.forget(ran, "in@master^")
        ran.commit("in@master", "/3")
        with pytest.raises(WrongState, match=r"^direct descendants must be closed$"):
            self.forget(ran, "p@master^")
        ran.run(ran.head("p@master").id)


def test_waiting_for_a_commit_ends_when_it_is_dropped(world: World) -> None:
    world.repo("a")
    world.commit("a@master", "/1")
    doomed, token, said = world.start("a@master"), NoticingToken(), list[str]()

    def wait() -> None:
        with pytest.raises(WrongState) as caught:
            commits.wait(world.pfs, doomed, CommitState.FINISHED, token)
        said.append(caught.value.message)

    thread = Thread(target=wait)
    thread.start()
    assert token.noticed.wait(10)
    remove(world, commits.drop_set, doomed)
    thread.join(10)
    assert said == [f"commit {doomed} was deleted"]
