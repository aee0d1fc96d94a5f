from __future__ import annotations

import re

import pytest

from calf.model.errors import InvalidArgument, NotFound, Precondition
from calf.model.pfs_infos import Trigger
from calf.model.states import CommitState, OriginKind
from calf.pfs import branches, repos
from tests.pfs.world import World, at, ref


def test_a_branch_without_provenance_starts_with_an_empty_finished_commit(world: World) -> None:
    world.repo("raw")
    world.branch("raw@master")
    head = world.info("raw@master")
    assert (head.origin, head.state, head.size) == (OriginKind.AUTO, CommitState.FINISHED, 0)
    assert world.files("raw@master") == []


def test_a_branch_with_provenance_starts_with_an_open_commit(world: World) -> None:
    world.repo("in", "out")
    made = world.branch("out@master", provenance="in@master")
    head = world.info("out@master")
    assert (head.origin, head.state, head.size) == (OriginKind.AUTO, CommitState.STARTED, None)
    assert head.commit.id == world.info("in@master").commit.id == made
    assert head.direct_provenance == (world.head("in@master"),)


def test_closures_go_both_ways_through_the_whole_graph(world: World) -> None:
    world.repo("a", "b", "c")
    world.branch("b@master", provenance="a@master")
    world.branch("c@master", provenance="b@master")
    with world.pfs.read() as tx:
        assert branches.inspect(tx, at("a@master")).subvenance == (at("b@master"), at("c@master"))
        last = branches.inspect(tx, at("c@master"))
    assert set(last.provenance) == {at("a@master"), at("b@master")}
    assert last.direct_provenance == (at("b@master"),)


def test_creating_is_declarative(world: World) -> None:
    """F5.63: removing provenance makes no commit, adding it again makes one."""
    world.repo("in", "out")
    world.branch("out@master", provenance="in@master")
    world.branch("out@master")
    with world.pfs.read() as tx:
        assert branches.inspect(tx, at("out@master")).provenance == ()
    assert len(world.log("out")) == 1
    world.branch("out@master", provenance="in@master")
    assert len(world.log("out")) == 2
    world.branch("out@master", provenance="in@master")
    assert len(world.log("out")) == 2


def test_a_head_is_the_very_commit_no_copy(world: World) -> None:
    world.repo("raw")
    first = world.commit("raw@staging", "/a")
    world.branch("raw@master", head="raw@staging")
    assert world.head("raw@master") == first
    assert world.info("raw@master").branch == "staging"
    world.branch("raw@other", head=f"raw@{first.id}")
    assert len(world.log("raw")) == 1


@pytest.mark.parametrize(
    ("name", "provenance", "text"),
    [
        ("a@master", "a@other", "repo default/a cannot be in the provenance of its own branch"),
        ("a@master", "a@missing", "repo default/a cannot be in the provenance of its own branch"),
        ("a@master", "b@master", "cycle detected because "),
        (
            "c@master",
            "a@master a@other",
            'multiple branches from the same repo, "default/a", cannot participate',
        ),
        ("0123456789ab4123456789abcdef0123", "", "it has the form of a commit id"),
        ("a b", "", r"name (a b) invalid"),
    ],
)
def test_a_graph_that_cannot_be_is_refused(world: World, name: str, provenance: str, text: str) -> None:
    """F5.68 and F4.51."""
    world.repo("a", "b", "c")
    world.branch("a@other")
    world.branch("b@master", provenance="a@master")
    full = name if "@" in name else f"c@{name}"
    with pytest.raises(InvalidArgument, match=re.escape(text)):
        world.branch(full, provenance=provenance)


def test_two_branches_of_a_repo_may_not_meet_downstream(world: World) -> None:
    world.repo("a", "b", "c", "d")
    world.branch("b@master", provenance="a@master")
    world.branch("c@master", provenance="a@staging")
    with pytest.raises(InvalidArgument, match="cannot participate in a DAG"):
        world.branch("d@master", provenance="b@master c@master")
    with world.pfs.read() as tx, pytest.raises(NotFound):
        branches.inspect(tx, at("d@master"))


def test_a_head_of_another_repo_is_refused(world: World) -> None:
    world.repo("a", "b")
    world.commit("a@master")
    with (
        pytest.raises(InvalidArgument, match=r"^branch and head commit must belong to the same repo$"),
        world.pfs.transaction() as txn,
    ):
        branches.create(txn, at("b@master"), ref("a@master"))


def test_missing_things_are_named(world: World) -> None:
    world.repo("a")
    with pytest.raises(NotFound, match=r"^repo default/x not found$"):
        world.branch("x@master")
    with pytest.raises(NotFound, match=r"^repo default/x not found$"):
        world.branch("a@master", provenance="x@master")
    with pytest.raises(NotFound, match=r'^branch "dev" not found in repo default/a$'):
        world.branch("a@master", head="a@dev")
    for name, repo in (("dev", "a"), ("master", "x")):
        with (
            world.pfs.read() as tx,
            pytest.raises(NotFound, match=f'^branch "{name}" not found in repo default/{repo}$'),
        ):
            branches.inspect(tx, at(f"{repo}@{name}"))


def test_branches_are_listed_newest_first(world: World) -> None:
    world.repo("a")
    for name in ("one", "two", "three"):
        world.branch(f"a@{name}")
    with world.pfs.read() as tx:
        listed = [info.branch.name for info in branches.list_(tx, at("a@x").repo)]
        reverse = [info.branch.name for info in branches.list_(tx, at("a@x").repo, reverse=True)]
    assert listed == ["three", "two", "one"]
    assert reverse == ["one", "two", "three"]


def test_a_branch_in_provenance_stays_unless_forced(world: World) -> None:
    world.repo("a", "b", "c")
    world.branch("b@master", provenance="a@master")
    world.branch("c@master", provenance="a@master")
    text = (
        'branch "default/a@master" cannot be deleted because it\'s in the direct provenance of'
        " [default/b@master default/c@master]"
    )
    with world.pfs.transaction() as txn:
        with pytest.raises(Precondition, match=f"^{re.escape(text)}$") as refused:
            branches.delete(txn, at("a@master"))
        assert refused.value.hint.startswith(
            "first delete what is made from it (b, c); with --force that stays"
        )
        branches.delete(txn, at("a@master"), force=True)
        assert branches.inspect(txn.tx, at("b@master")).provenance == ()


def test_commits_outlive_their_branch_and_lose_the_label(world: World) -> None:
    world.repo("a")
    commit = world.commit("a@master", "/f")
    with world.pfs.transaction() as txn:
        branches.delete(txn, at("a@master"))
    assert world.info(commit).branch == ""
    assert world.files(commit) == ["/f"]
    world.branch("a@master", head=f"a@{commit.id}")
    assert world.files("a@master") == ["/f"]


def with_trigger(world: World, name: str, trigger: Trigger) -> None:
    with world.pfs.transaction() as txn:
        branches.create(txn, at(name), trigger=trigger)


@pytest.mark.parametrize(
    ("trigger", "text"),
    [
        (Trigger(), "triggers must specify a branch to trigger on"),
        (Trigger("staging", rate_limit_spec="often"), "invalid trigger rate limit spec"),
        (Trigger("staging", size="big"), "invalid trigger size"),
        (Trigger("staging", commits=-1), "can't trigger on a negative number of commits"),
        (Trigger("staging", cron_spec="* * *"), "invalid trigger cron spec"),
        (Trigger("staging", cron_spec="@daily", size="1K"), "a cron trigger cannot have other conditions"),
        (Trigger("master"), "triggers cannot form a loop"),
        (Trigger("follower"), "triggers cannot form a loop"),
    ],
)
def test_a_bad_trigger_is_refused(world: World, trigger: Trigger, text: str) -> None:
    world.repo("a")
    world.branch("a@staging")
    world.branch("a@master")
    with_trigger(world, "a@follower", Trigger("master", commits=2))
    with pytest.raises(InvalidArgument, match=f"^{re.escape(text)}"):
        with_trigger(world, "a@master", trigger)


def test_a_trigger_and_provenance_exclude_each_other(world: World) -> None:
    world.repo("a", "b")
    with (
        world.pfs.transaction() as txn,
        pytest.raises(InvalidArgument, match=r"^a branch cannot have both provenance and a trigger$"),
    ):
        branches.create(txn, at("b@master"), None, [at("a@master")], Trigger("staging"))


def test_a_trigger_is_kept_and_guards_both_branches(world: World) -> None:
    world.repo("a")
    world.branch("a@staging")
    trigger = Trigger("staging", all=True, size="1.5k", commits=3, rate_limit_spec="@every 10s")
    with_trigger(world, "a@master", trigger)
    with world.pfs.transaction() as txn:
        assert branches.inspect(txn.tx, at("a@master")).trigger == trigger
        with pytest.raises(Precondition, match=r"because it triggers branches \[default/a@master\]$"):
            branches.delete(txn, at("a@staging"))
        with pytest.raises(Precondition, match=r"because it is triggered by branches \[default/a@staging\]$"):
            branches.delete(txn, at("a@master"))
        branches.delete(txn, at("a@staging"), force=True)
        assert branches.inspect(txn.tx, at("a@master")).trigger is None


def test_a_repo_goes_without_force_with_triggers_among_its_own_branches(world: World) -> None:
    world.repo("a")
    world.branch("a@staging")
    with_trigger(world, "a@master", Trigger("staging", commits=3))
    with world.pfs.transaction() as txn:
        assert repos.delete(txn, at("a@master").repo)
        assert repos.list_(txn.tx) == []


def test_a_trigger_on_a_missing_branch_is_refused(world: World) -> None:
    world.repo("a")
    with pytest.raises(NotFound, match=r'^branch "staging" not found in repo default/a$'):
        with_trigger(world, "a@master", Trigger("staging", commits=1))
