"""F8: clocks as inputs, and stages that ask for datum after datum."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from pachyderm_sdk.api import pfs, pps

SUCCESS = pps.JobState.JOB_SUCCESS
GOOD = pps.DatumState.SUCCESS
TOUCH = "touch /pfs/out/$(basename $tick)"
"""What the stages do: write down the tick that they see."""


def _clock(spec: str, name: str = "tick", **more: object) -> pps.Input:
    return pps.Input(cron=pps.CronInput(name=name, spec=spec, **more))


def _first(world, repo: str, number: int) -> list[str]:
    """The ids of the first commits of a repo, oldest first, once there are so many."""
    deadline = time.monotonic() + 30
    while (
        len(found := [info.commit.id for info in world.client.pfs.list_commit(repo=world.repo(repo))])
        < number
    ):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found[::-1][:number]


def _set_size(world, id_: str) -> int:
    return len(list(world.client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=id_))))


def _count(world, repo: str) -> int:
    return len(list(world.client.pfs.list_commit(repo=world.repo(repo))))


def test_089_ticks_accumulate_or_overwrite_and_cross_with_files(world):
    world.create_repo("in")
    world.put("in", {"/file": "x"})
    world.shell("adds", _clock("@every 1s"), TOUCH)
    world.shell("last", _clock("@every 1s", overwrite=True), TOUCH)
    world.shell("both", pps.Input(cross=[_clock("@every 1s"), world.pfs_input("in")]), TOUCH)
    for name, files, members in (
        ("adds", [0, 1, 2, 3], 4),
        ("last", [0, 1, 1, 1], 4),
        ("both", [0, 1, 2, 3], 5),
    ):
        repo = f"{name}_tick"
        ids = _first(world, repo, 4)
        jobs = [world.wait(name, id_) for id_ in ids[1:]]
        world.client.pps.stop_pipeline(pipeline=world.pipeline(name))
        assert [len(world.files(repo, id_)) for id_ in ids] == files
        assert [set(world.files(repo, id_).values()) for id_ in ids[1:]] == [{""}] * 3
        assert [info.state for info in jobs] == [SUCCESS] * 3
        assert [set(world.files(name, id_)) == set(world.files(repo, id_)) for id_ in ids[1:]] == [True] * 3
        assert [_set_size(world, id_) for id_ in ids[1:]] == [members] * 3


def test_090_run_cron_ticks_at_once_three_times(world):
    world.shell("p", _clock("@never", overwrite=True), TOUCH)
    for _ in range(3):
        world.client.pps.run_cron(pipeline=world.pipeline("p"))
    assert _count(world, "p_tick") == 1 + 3
    done = [world.wait("p", info.job.id) for info in world.jobs("p")]
    assert [info.state for info in done] == [SUCCESS] * 4


def test_090_run_cron_ticks_every_clock_of_a_cross_by_itself(world):
    crossed = pps.Input(cross=[_clock("@never", "one"), _clock("@never", "two")])
    world.shell("p", crossed, "true")
    for _ in range(3):
        world.client.pps.run_cron(pipeline=world.pipeline("p"))
    assert _count(world, "p") == 7
    assert _set_size(world, world.jobs("p")[0].job.id) == 5


def test_090_what_has_no_clock_cannot_be_run_so(world, fails):
    world.create_repo("in")
    world.shell("p", world.pfs_input("in"), "true")
    _, text = fails(world.client.pps.run_cron, pipeline=world.pipeline("p"))
    assert text == "pipeline doesn't have a cron input"


def test_091_ticks_since_the_start_are_made_up_for_in_order(world):
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3, seconds=10)
    world.shell("p", _clock("@every 1h", start=start), TOUCH)
    ids = _first(world, "p_tick", 4)
    wanted = [(start + timedelta(hours=n)).strftime("/%Y-%m-%dT%H:%M:%SZ") for n in (1, 2, 3)]
    assert [sorted(world.files("p_tick", id_)) for id_ in ids] == [wanted[:n] for n in range(4)]
    assert world.wait("p", ids[-1]).state == SUCCESS
    assert sorted(world.files("p")) == wanted


def test_091_a_later_start_is_honoured_on_update(world):
    world.shell("p", _clock("@every 1h", start=datetime.now(UTC) - timedelta(hours=1, seconds=10)), TOUCH)
    _first(world, "p_tick", 2)
    later = datetime.now(UTC) + timedelta(days=1)
    world.shell("p", _clock("@every 1s", start=later), TOUCH, update=True)
    world.put("p_tick", {"/note": ""})
    assert _count(world, "p_tick") == 3
    assert len(world.files("p_tick")) == 2


def test_091_clocks_are_checked_and_their_ticks_go_with_the_pipeline(world, fails):
    for spec, text in (("", "Empty spec string"), ("* * * * * *", "error parsing cron-spec")):
        assert text in fails(world.shell, "p", _clock(spec), "true")[1]
    world.shell("p", _clock("@never"), "true")
    world.client.pps.delete_pipeline(pipeline=world.pipeline("p"), keep_repo=True)
    left = [
        info.repo.name
        for info in world.client.pfs.list_repo(type="user")
        if info.repo.project == world.project
    ]
    assert left == ["p"]


BATCH = """
error= turn=0
while true; do
    pachctl next datum --error "$error" || exit 1
    error= turn=$((turn + 1))
    echo turn $turn
    for file in /pfs/in/*; do
        case $(cat $file) in
            bad) error="$(basename $file) is bad" ;;
            end) exit 0 ;;
            *) cp $file /pfs/out/ ;;
        esac
    done
done
"""


def _batch(world, name: str, **more: object) -> str:
    transform = pps.Transform(image="host", cmd=["sh", "-c", BATCH], datum_batching=True, **more)
    sets = pps.DatumSetSpec(number=3)
    return world.shell(name, world.pfs_input("in"), transform=transform, datum_tries=1, datum_set_spec=sets)


def _states(world, pipeline: str, job: str) -> dict[str, pps.DatumState]:
    return {info.data[0].file.path: info.state for info in world.datums(pipeline, job)}


def test_096_one_process_asks_for_each_datum_and_each_has_its_output(world):
    world.create_repo("in")
    world.put("in", {"/a": "1", "/b": "2", "/c": "3"})
    job = _batch(world, "p")
    done = world.wait("p", job)
    assert (done.state, done.data_processed) == (SUCCESS, 3)
    assert world.files("p") == {"/a": "1", "/b": "2", "/c": "3"}
    records = world.files("p", job, "meta")
    outs = [f"/pfs/{info.datum.id}/out{info.data[0].file.path}" for info in world.datums("p", job)]
    assert [records[path] for path in outs] == [records[path.replace("/out/", "/in/")] for path in outs]
    assert {path for path in records if "/out/" in path} == set(outs)
    said = [line.message for line in world.client.pps.get_logs(job=world.job("p", job)) if line.user]
    assert said == ["turn 1", "turn 2", "turn 3"]


def test_096_an_error_fails_its_datum_only_and_an_exit_is_premature(world):
    world.create_repo("in")
    world.put("in", {"/a": "1", "/b": "bad", "/c": "3"})
    job = _batch(world, "p")
    done = world.wait("p", job)
    assert (done.state, done.data_processed, done.data_failed) == (pps.JobState.JOB_FAILURE, 2, 1)
    logs = [line.message for line in world.client.pps.get_logs(job=world.job("p", job))]
    assert any("b is bad" in line for line in logs)
    assert _states(world, "p", job) == {"/a": GOOD, "/b": pps.DatumState.FAILED, "/c": GOOD}
    job = _batch(world, "q", err_cmd=["true"])
    done = world.wait("q", job)
    assert (done.state, done.data_processed, done.data_recovered) == (SUCCESS, 2, 1)
    assert _states(world, "q", job) == {"/a": GOOD, "/b": pps.DatumState.RECOVERED, "/c": GOOD}
    assert world.files("q") == {"/a": "1", "/c": "3"}
    world.put("in", {"/b": "end"})
    job = world.jobs("p")[0].job.id
    done = world.wait("p", job)
    assert (done.state, done.data_failed) == (pps.JobState.JOB_FAILURE, 1)
    logs = [line.message for line in world.client.pps.get_logs(job=world.job("p", job))]
    assert any("user code exited prematurely" in line for line in logs)
