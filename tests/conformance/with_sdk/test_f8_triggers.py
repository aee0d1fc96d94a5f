"""F8: branches that follow others."""

from __future__ import annotations

import time

from pachyderm_sdk.api import pfs, pps

SUCCESS = pps.JobState.JOB_SUCCESS


def head(world, repo: str, name: str = "master") -> str:
    return world.client.pfs.inspect_branch(branch=world.branch(repo, name)).head.id


def follow(world, name: str, **conditions) -> None:
    """Let a branch follow `data@master`, which is made if it is not there."""
    if not world.client.pfs.branch_exists(world.branch("data")):
        world.client.pfs.create_branch(branch=world.branch("data"))
    trigger = pfs.Trigger(branch="master", **conditions)
    world.client.pfs.create_branch(branch=world.branch("data", name), trigger=trigger)


def test_092_jobs_wait_for_size_and_the_second_stage_for_twice_as_much(world):
    world.create_repo("data")
    world.client.pfs.create_branch(branch=world.branch("data"))
    first = world.pfs_input("data", trigger=pfs.Trigger(branch="master", size="1K"))
    made = world.shell("p", first, "cp /pfs/data/* /pfs/out/")
    world.wait("p", made)
    second = world.pfs_input("p", trigger=pfs.Trigger(branch="master", size="2K"))
    world.wait("q", world.shell("q", second, "cp /pfs/p/* /pfs/out/"))
    jobs, puts = [], []
    for number in range(12):
        at = world.commit("data", "master")
        world.client.pfs.put_file_from_bytes(commit=at, path=f"/{number:02}", data=b"x" * 200)
        puts.append(head(world, "data"))
        newest = world.jobs("p")[0]
        world.wait("p", newest.job.id)
        jobs.append((len(world.jobs("p")) - 1, len(world.jobs("q")) - 1))
    assert [pair[0] for pair in jobs] == [0] * 4 + [1] * 5 + [2] * 3
    assert [pair[1] for pair in jobs] == [0] * 9 + [1] * 3
    assert world.wait("p", world.jobs("p")[0].job.id).data_total == 10
    assert (head(world, "data", "p-trigger-1"), head(world, "data")) == (puts[9], puts[11])
    sets = [info.job.id for name in ("p", "q") for info in world.jobs(name)]
    assert len({*sets, *puts}) == len(sets) + len(puts)
    world.wait("q", world.jobs("q")[0].job.id)
    assert len(world.files("q")) == 10


def test_092_a_number_of_commits_counts_real_ones(world):
    world.create_repo("data")
    follow(world, "sometimes", commits=3)
    heads = []
    for number in range(6):
        put = world.put("data", {f"/{number}": "x"})
        heads.append(head(world, "data", "sometimes") == put)
    assert heads == [False, False, True, False, False, True]


def test_092_one_condition_is_enough_unless_all_are_wanted(world):
    world.create_repo("data")
    follow(world, "any", commits=2, size="1K")
    follow(world, "all", commits=2, size="1K", all=True)
    fired = []
    for size in (1000, 10, 10, 10):
        put = world.put("data", {f"/{len(fired)}": "x" * size})
        fired.append((head(world, "data", "any") == put, head(world, "data", "all") == put))
    assert fired == [(True, False), (False, True), (True, False), (False, False)]


def test_092_a_commit_with_an_error_fires_nothing(world):
    world.create_repo("data")
    follow(world, "copy", commits=1)
    before = head(world, "data", "copy")
    commit = world.client.pfs.start_commit(branch=world.branch("data"))
    world.client.pfs.finish_commit(commit=commit, error="spoilt")
    assert world.client.pfs.wait_commit(commit).error == "spoilt"
    assert head(world, "data", "copy") == before
    put = world.put("data", {"/f": "x"})
    assert head(world, "data", "copy") == put


def test_092_moving_the_branch_that_is_followed_fires_nothing(world):
    world.create_repo("data")
    follow(world, "copy", commits=1)
    before = head(world, "data", "copy")
    world.put("data", {"/f": "x"}, branch="other")
    world.client.pfs.create_branch(branch=world.branch("data"), head=world.commit("data", "other"))
    assert head(world, "data", "copy") == before


def test_092_a_trigger_that_makes_no_sense_is_refused(world, fails):
    world.create_repo("data")
    follow(world, "copy", commits=1)
    create = world.client.pfs.create_branch

    def refused(**trigger) -> str:
        return fails(create, branch=world.branch("data", "x"), trigger=pfs.Trigger(**trigger))[1]

    assert refused(commits=1) == "triggers must specify a branch to trigger on"
    assert refused(branch="master", size="big").startswith("invalid trigger size")
    assert refused(branch="master", rate_limit_spec="soon").startswith("invalid trigger rate limit spec")
    assert refused(branch="master", cron_spec="soon").startswith("invalid trigger cron spec")
    assert refused(branch="master", commits=-1) == "can't trigger on a negative number of commits"
    loop = pfs.Trigger(branch="copy", commits=1)
    assert fails(create, branch=world.branch("data"), trigger=loop)[1] == "triggers cannot form a loop"


def test_092_a_schedule_moves_its_branch_at_its_times(world):
    world.create_repo("data")
    follow(world, "ticking", cron_spec="@every 1s")
    put = world.put("data", {"/f": "x"})
    end = time.monotonic() + 10
    while head(world, "data", "ticking") != put:
        assert time.monotonic() < end
        time.sleep(0.05)
