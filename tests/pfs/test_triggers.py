from __future__ import annotations

import pytest

from calf.kit.cancel import CancelToken
from calf.model.pfs_infos import Trigger
from calf.model.refs import CommitRef
from calf.pfs import branches
from calf.pfs.branches import firing
from calf.pfs.files.modifying import modify
from calf.pfs.files.ops import AddFile
from tests.pfs.world import World, at, repo_of


@pytest.fixture
def staged(world: World) -> World:
    """Repo `a` with branch `staging`, and `out@master` that reads `a@master`."""
    world.repo("a", "out")
    world.branch("a@staging")
    world.branch("a@master")
    world.branch("out@master", "a@master")
    world.run(world.head("out@master").id)
    return world


def follow(world: World, name: str, trigger: Trigger) -> None:
    with world.pfs.transaction() as txn:
        branches.create(txn, at(name), trigger=trigger)


def test_a_trigger_fires_by_number_of_commits_the_empty_first_one_left_out(staged: World) -> None:
    follow(staged, "a@master", Trigger("staging", commits=2))
    empty = staged.head("a@master")
    staged.commit("a@staging", "/1")
    assert staged.head("a@master") == empty
    second = staged.commit("a@staging", "/2")
    assert staged.head("a@master") == second
    staged.commit("a@staging", "/3")
    assert staged.head("a@master") == second
    fourth = staged.commit("a@staging", "/4")
    assert staged.head("a@master") == fourth
    assert staged.files("a@master") == ["/1", "/2", "/3", "/4"]


def test_what_a_trigger_moves_flows_down_under_a_new_id(staged: World) -> None:
    follow(staged, "a@master", Trigger("staging", commits=1))
    before = staged.head("out@master")
    ref = CommitRef(repo_of("a"), "staging")
    commit = modify(staged.pfs, ref, [AddFile("/f", [b"x"])], CancelToken())
    assert staged.head("a@master") == commit
    after = staged.head("out@master")
    assert after != before
    assert after.id != commit.id
    assert staged.info(after).direct_provenance == (commit,)
    assert staged.members(commit.id) == ["a"]


def test_a_trigger_by_size_counts_from_where_it_fired_last(staged: World) -> None:
    follow(staged, "a@master", Trigger("staging", size="6"))
    empty = staged.head("a@master")
    staged.commit("a@staging", "/01")
    assert staged.head("a@master") == empty
    second = staged.commit("a@staging", "/02")
    assert staged.head("a@master") == second
    staged.commit("a@staging", "/03")
    assert staged.head("a@master") == second


def test_a_trigger_by_rate_waits_until_the_next_time_of_its_schedule(staged: World) -> None:
    follow(staged, "a@master", Trigger("staging", rate_limit_spec="@every 30s"))
    heads = []
    for number in range(20):  # the clock ticks once a transaction
        staged.commit("a@staging", f"/{number}")
        heads.append(staged.head("a@master").id)
    assert 1 < len(set(heads)) < 6


@pytest.mark.parametrize(("both", "fired"), [(False, True), (True, False)])
def test_conditions_are_alternatives_unless_all_are_wanted(staged: World, both: bool, fired: bool) -> None:
    follow(staged, "a@master", Trigger("staging", all=both, commits=1, size="1M"))
    assert (staged.commit("a@staging", "/1") == staged.head("a@master")) is fired


def test_triggers_chain_within_one_transaction(staged: World) -> None:
    follow(staged, "a@middle", Trigger("staging", commits=1))
    follow(staged, "a@master", Trigger("middle", commits=2))
    first = staged.commit("a@staging", "/1")
    assert staged.head("a@middle") == first != staged.head("a@master")
    second = staged.commit("a@staging", "/2")
    assert staged.head("a@middle") == staged.head("a@master") == second


def test_a_commit_with_an_error_fires_nothing(staged: World) -> None:
    follow(staged, "a@master", Trigger("staging", commits=1))
    before = staged.head("a@master")
    staged.commit("a@staging", "/1", error="bad")
    assert staged.head("a@master") == before


def test_moving_the_branch_that_is_followed_fires_nothing(staged: World) -> None:
    follow(staged, "a@master", Trigger("staging", commits=1))
    other = staged.commit("a@other", "/1")
    before = staged.head("a@master")
    staged.branch("a@staging", head="a@other")
    assert staged.head("a@staging") == other
    assert staged.head("a@master") == before


def test_the_output_of_a_pipeline_fires_triggers_too(world: World) -> None:
    world.repo("in", "late")
    world.branch("in@master")
    world.run(world.pipeline("p", "in@master"))
    follow(world, "p@slow", Trigger("master", commits=2))
    world.branch("late@master", "p@slow")
    world.run(world.head("late@master").id)
    empty = world.head("p@slow")
    first = world.commit("in@master", "/1")
    world.run(first.id)
    assert world.head("p@slow") == empty
    second = world.commit("in@master", "/2")
    world.run(second.id)
    assert world.head("p@slow") == world.head("p@master")
    assert world.info("late@master").direct_provenance == (world.head("p@master"),)


def test_a_schedule_moves_its_branch_at_each_of_its_times(staged: World) -> None:
    follow(staged, "a@master", Trigger("staging", cron_spec="@every 100s"))
    before = staged.head("a@master")
    commit = staged.commit("a@staging", "/1")
    assert staged.head("a@master") == before
    with staged.pfs.read() as tx:
        (due,) = firing.due(staged.pfs, tx)
    due.act()
    assert staged.head("a@master") == commit
    assert staged.info("out@master").direct_provenance == (commit,)
    jobs = staged.log("out")
    with staged.pfs.read() as tx:
        (later,) = firing.due(staged.pfs, tx)
    assert later.at > due.at
    later.act()
    with staged.pfs.read() as tx:
        assert next(firing.due(staged.pfs, tx)).at > later.at
    assert staged.log("out") == jobs  # it was there already


def test_a_schedule_that_never_comes_is_never_due(staged: World) -> None:
    follow(staged, "a@master", Trigger("staging", cron_spec="@never"))
    with staged.pfs.read() as tx:
        assert list(firing.due(staged.pfs, tx)) == []


def test_older_work_that_ends_late_does_not_take_a_branch_back(world: World) -> None:
    world.repo("a")
    world.branch("a@staging")
    follow(world, "a@master", Trigger("staging", commits=1))
    old = world.start("a@staging")
    with world.pfs.transaction() as txn:
        branches.create(txn, at("a@staging"), CommitRef(repo_of("a"), "staging^"))
    new = world.commit("a@staging", "/new")
    assert world.head("a@master") == new
    world.finish(old)
    assert world.head("a@master") == new
