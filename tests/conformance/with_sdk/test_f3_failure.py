"""F3: failure, retry, time-outs; and of F2 what a process may do without failing."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from pachyderm_sdk.api import pps

SUCCESS = pps.JobState.JOB_SUCCESS
FAILURE = pps.JobState.JOB_FAILURE
KILLED = pps.JobState.JOB_KILLED
UNRUNNABLE = pps.JobState.JOB_UNRUNNABLE
RUNNING = pps.JobState.JOB_RUNNING
UPSTREAM = "unrunnable because the following upstream pipelines failed: "
SLOW = "case $(cat /pfs/in/*) in slow) sleep 60;; esac; cp /pfs/in/* /pfs/out/"


def _with_file(world, text: str = "foo") -> pps.Input:
    world.create_repo("in")
    world.put("in", {"/file": text})
    return world.pfs_input("in")


def _state(world, name: str) -> pps.PipelineInfo:
    return world.client.pps.inspect_pipeline(pipeline=world.pipeline(name), details=True)


def _error(world, repo: str, id_: str) -> str:
    return world.client.pfs.inspect_commit(commit=world.commit(repo, id_)).error


def test_025_a_child_that_goes_on_writing_is_ended_with_its_datum(world):
    mark = f"600.{int(world.project.name[1:], 16)}"
    lines = ["(while true; do date >> /pfs/out/dates; done) &", f"sleep {mark} &", "sleep 0.1"]
    done = world.wait("p", world.shell("p", _with_file(world), *lines))
    assert done.state == SUCCESS
    assert list(world.files("p")) == ["/dates"]
    assert (done.finished - done.started).total_seconds() < 30
    commands = _commands()
    assert commands
    assert not [command for command in commands if mark.encode() in command]


def _commands() -> list[bytes]:
    """The command line of every process of this machine that still runs when it is asked."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_bytes())
    return found


def test_026_an_accepted_return_code_is_a_success(world):
    code = pps.Transform(image="host", cmd=["sh"], stdin=["exit $(cat /pfs/in/*)"], accept_return_code=[1])
    done = world.wait("p", world.shell("p", _with_file(world, "1"), transform=code, datum_tries=1))
    assert (done.state, done.data_processed) == (SUCCESS, 1)
    assert world.wait("p", world.put("in", {"/file": "2"})).state == FAILURE


def test_027_a_command_that_ignores_its_input_does_not_break(world):
    world.create_repo("in")
    world.put("in", {f"/{number}": "" for number in range(20)})
    code = pps.Transform(image="host", cmd=["true"], stdin=["x" * 100_000] * 3)
    done = world.wait("p", world.shell("p", world.pfs_input("in"), transform=code))
    assert (done.state, done.data_processed) == (SUCCESS, 20)


def test_029_a_command_that_fails_fails_the_job(world):
    job = world.shell("p", _with_file(world), "exit 1")
    done = world.wait("p", job)
    (datum,) = world.datums("p", job)
    assert (done.state, done.reason) == (FAILURE, f"datum {datum.datum.id} failed")
    assert (done.data_failed, done.data_processed, done.data_total) == (1, 0, 1)
    info = world.client.pfs.inspect_commit(commit=world.commit("p", job))
    assert info.finished
    assert info.error == done.reason


def test_030_what_reads_a_failed_output_is_unrunnable_all_the_way_down(world):
    first = world.shell("p1", _with_file(world), "exit 1")
    assert world.wait("p1", first).state == FAILURE
    second = world.shell("p2", world.pfs_input("p1"), "true")
    done = world.wait("p2", second)
    assert (done.state, done.reason) == (UNRUNNABLE, f"{UPSTREAM}p1")
    assert _error(world, "p2", second) == done.reason
    done = world.wait("p3", world.shell("p3", world.pfs_input("p2"), "true"))
    assert (done.state, done.reason) == (UNRUNNABLE, f"{UPSTREAM}p2")
    both = pps.Input(cross=[world.pfs_input("p1", name="one"), world.pfs_input("p2", name="two")])
    done = world.wait("p4", world.shell("p4", both, "true"))
    assert (done.state, done.reason) == (UNRUNNABLE, f"{UPSTREAM}one, two")
    last = {
        info.pipeline.name: info.last_job_state
        for info in world.client.pps.list_pipeline(projects=[world.project])
    }
    assert last == {"p1": FAILURE, "p2": UNRUNNABLE, "p3": UNRUNNABLE, "p4": UNRUNNABLE}


def test_031_waiting_for_a_set_tells_failure_and_what_follows_from_it(world):
    world.create_repo("in")
    world.shell("first", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    picky = "test ! -e /pfs/first/file1 || exit 1; cp /pfs/first/* /pfs/out/"
    world.shell("second", world.pfs_input("first"), picky)
    world.shell("third", world.pfs_input("second"), "cp /pfs/second/* /pfs/out/")
    good = world.wait_set(world.put("in", {"/file0": "foo"}))
    assert {name: info.state for name, info in good.items()} == dict.fromkeys(
        ("first", "second", "third"), SUCCESS
    )
    bad = world.wait_set(world.put("in", {"/file1": "foo"}))
    assert {name: info.state for name, info in bad.items()} == {
        "first": SUCCESS,
        "second": FAILURE,
        "third": UNRUNNABLE,
    }
    failed = bad["second"]
    assert (failed.data_failed, failed.data_skipped, failed.data_processed) == (1, 0, 0)
    assert (bad["third"].data_total, bad["third"].reason) == (0, f"{UPSTREAM}second")


def test_032_a_datum_is_tried_as_often_as_the_spec_says(world):
    job = world.shell("p", _with_file(world), "exit 1", datum_tries=5)
    assert world.wait("p", job).state == FAILURE
    logs = world.client.pps.get_logs(job=world.job("p", job))
    errors = [line for line in logs if "errored running user code" in line.message]
    assert len(errors) == 5
    assert all(line.message.startswith("errored running user code after ") for line in errors)
    assert not any(line.user for line in errors)


def test_033_a_datum_that_takes_too_long_fails(world):
    limit = timedelta(seconds=1)
    job = world.shell("p", _with_file(world), "sleep 60", datum_timeout=limit, datum_tries=1)
    done = world.wait("p", job)
    (datum,) = world.datums("p", job)
    assert (done.state, done.reason) == (FAILURE, f"datum {datum.datum.id} failed")
    assert (done.data_failed, datum.state) == (1, pps.DatumState.FAILED)
    assert datum.stats.process_time.total_seconds() == pytest.approx(1, abs=0.5)


def test_033_a_datum_that_ends_in_time_succeeds(world):
    job = world.shell("p", _with_file(world), "sleep 0.1", datum_timeout=timedelta(seconds=20))
    assert world.wait("p", job).state == SUCCESS


def test_034_a_job_that_takes_too_long_is_killed(world):
    job = world.shell("p", _with_file(world), "sleep 60", job_timeout=timedelta(seconds=1))
    done = world.wait("p", job)
    assert (done.state, done.reason) == (KILLED, " jobtimed out")
    # the limit counts from a moment before its start is written down
    assert 0.9 < (done.finished - done.started).total_seconds() < 2
    info = world.client.pfs.inspect_commit(commit=world.commit("p", job))
    assert info.finished
    assert info.error == " jobtimed out"


def test_035_a_job_that_waits_is_stopped_and_the_next_builds_on_the_one_before(world):
    world.create_repo("in")
    first_is_slow = "test ! -e /pfs/in/0 || sleep 1.5; cp /pfs/in/* /pfs/out/"
    creation = world.shell("p", world.pfs_input("in"), first_is_slow)
    world.wait("p", creation)
    ids = [world.put("in", {f"/{number}": "x"}) for number in range(3)]
    assert [info.job.id for info in world.jobs("p")] == [*reversed(ids), creation]
    world.until("p", ids[0], lambda info: info.state == RUNNING)
    world.client.pps.stop_job(job=world.job("p", ids[1]))
    assert world.wait("p", ids[0]).state == SUCCESS
    second = world.wait("p", ids[1])
    assert (second.state, second.reason, second.data_processed) == (KILLED, "job stopped", 0)
    third = world.wait("p", ids[2])
    assert (third.state, third.data_skipped, third.data_processed) == (SUCCESS, 1, 2)
    assert [info.state for info in world.jobs("p")] == [SUCCESS, KILLED, SUCCESS, SUCCESS]
    assert world.files("p") == {"/0": "x", "/1": "x", "/2": "x"}


def test_036_a_running_job_is_stopped_and_the_next_commit_is_processed(world):
    world.create_repo("in")
    world.wait("p", world.shell("p", world.pfs_input("in"), SLOW))
    job = world.put("in", {"/file": "slow"})
    world.until("p", job, lambda info: info.state == RUNNING)
    world.client.pps.stop_job(job=world.job("p", job))
    done = world.wait("p", job)
    assert (done.state, done.reason) == (KILLED, "job stopped")
    assert _error(world, "p", job) == "job stopped"
    after = world.wait("p", world.put("in", {"/file": "quick"}))
    assert after.state == SUCCESS
    assert world.files("p") == {"/file": "quick"}


def test_037_a_failed_datum_is_listed_with_its_inputs_in_the_meta_repo(world):
    world.create_repo("in")
    world.put("in", {"/good": "1", "/bad": "2"})
    job = world.shell("p", world.pfs_input("in"), "test ! -e /pfs/in/bad")
    assert world.wait("p", job).state == FAILURE
    assert len(world.datums("p", job)) == 2
    found = {info.data[0].file.path: info for info in world.client.pps.list_datum(job=world.job("p", job))}
    assert found["/good"].state == pps.DatumState.SUCCESS
    failed = found["/bad"]
    assert failed.state == pps.DatumState.FAILED
    kept = world.files("p", job, "meta")
    assert kept[f"/pfs/{failed.datum.id}/in/bad"] == "2"
    assert json.loads(kept[f"/meta/{failed.datum.id}/meta"])["state"] == "FAILED"


def test_038_a_pipeline_without_its_image_crashes_until_it_has_another(world):
    given = _with_file(world)
    bad = pps.Transform(image="no-such-image:1.0", cmd=["true"])
    job = world.shell("p", given, transform=bad)
    info = _state(world, "p")
    assert info.state == pps.PipelineState.PIPELINE_CRASHING
    assert "no-such-image:1.0" in info.reason
    world.until("p", job, lambda info: "no-such-image:1.0" in info.reason)
    job = world.shell("p", given, "true", update=True)
    assert _state(world, "p").state == pps.PipelineState.PIPELINE_RUNNING
    assert world.wait("p", job).state == SUCCESS


def test_038_a_failed_pipeline_is_mended_by_an_update(world):
    given = _with_file(world)
    assert world.wait("p", world.shell("p", given, "exit 1")).state == FAILURE
    assert world.wait("p", world.shell("p", given, "exit 0", update=True)).state == SUCCESS


def test_038_a_pipeline_without_its_secret_crashes_until_it_comes(world):
    name = f"secret-{world.project.name}"
    wanted = [
        pps.SecretMount(name=name, key="word", env_var="WORD"),
        pps.SecretMount(name=name, mount_path="/etc/words"),
    ]
    code = pps.Transform(
        image="host", cmd=["sh"], stdin=["echo $WORD $(cat /etc/words/word) > /pfs/out/said"], secrets=wanted
    )
    job = world.shell("p", _with_file(world), transform=code)
    info = _state(world, "p")
    assert info.state == pps.PipelineState.PIPELINE_CRASHING
    assert info.reason == f"missing Kubernetes secret {name}"
    world.client.pps.create_secret(name=name, data={"other": "x"})
    assert _state(world, "p").reason == f"Kubernetes secret {name} missing key word"
    world.client.pps.delete_secret(secret=pps.Secret(name=name))
    world.client.pps.create_secret(name=name, data={"word": "open sesame"})
    assert world.wait("p", job).state == SUCCESS
    assert world.read("p", "/said") == "open sesame open sesame\n"
    kept = world.files("p", job, "meta")
    assert not any("sesame" in text for path, text in kept.items() if "/out/" not in path)
    world.client.pps.delete_secret(secret=pps.Secret(name=name))
    assert _state(world, "p").state == pps.PipelineState.PIPELINE_CRASHING


def test_039_a_pipeline_without_command_is_made_and_is_a_failure(world):
    given = _with_file(world)
    job = world.shell("p", given, transform=pps.Transform(image="host"))
    info = _state(world, "p")
    assert info.state == pps.PipelineState.PIPELINE_FAILURE
    assert info.reason == "invalid pipeline transform, no command specified"
    done = world.wait("p", job)
    assert (done.state, done.reason, done.data_processed) == (FAILURE, info.reason, 0)


def test_036_every_job_on_the_way_says_what_it_waits_for(world):
    world.create_repo("in")
    world.wait("p", world.shell("p", world.pfs_input("in"), SLOW))
    first = world.put("in", {"/file": "slow"})
    second = world.put("in", {"/file": "quick"})
    world.until("p", second, lambda info: first in info.reason)
    details = lambda: world.client.pps.inspect_job(job=world.job("p", first), details=True).details  # noqa: E731
    status = world.eventually(lambda: details().worker_status)
    assert [(one.job_id, one.datum_status.data[0].path) for one in status] == [(first, "/file")]
    world.client.pps.stop_job(job=world.job("p", first))
    assert world.wait("p", second).state == SUCCESS
