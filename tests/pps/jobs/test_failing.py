"""What failure does: to the job, to what reads its output, to the next job (spec F3)."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from calf.db.tx import Tx
from calf.kit.atomic import no_space
from calf.kit.cancel import CancelToken
from calf.model.errors import NoSpace
from calf.pps.pipelines import PipelineQuery, list_
from calf.pps.pipelines.held_up import is_held_up
from calf.pps.status import alerts
from tests.pps.stages import Visit, copy, fail
from tests.pps.workshop import Open, Workshop, counts


def test_a_failing_datum_fails_the_job_and_is_named(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    creation = workshop.pipeline("p", stage="fail")
    info = workshop.wait("p", creation)
    (datum,) = workshop.datums("p", creation)
    assert (info.state.name, info.reason) == ("FAILURE", f"datum {datum.datum.id} failed")
    assert (datum.state.name, datum.reason) == ("FAILED", "exit code 1")
    assert workshop.commit_error(info.output_commit) == info.reason


def test_what_reads_a_failed_output_is_unrunnable_all_the_way_down(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    workshop.wait("p1", workshop.pipeline("p1"))
    workshop.wait("p2", workshop.pipeline("p2", "p1:/*"))
    workshop.wait("p3", workshop.pipeline("p3", "p2:/*"))
    updated = workshop.pipeline("p1", stage="fail", update=True, reprocess=True)
    assert workshop.wait_set(updated) == ["FAILURE", "UNRUNNABLE", "UNRUNNABLE"]
    reason = "unrunnable because the following upstream pipelines failed: "
    assert workshop.wait("p2", updated).reason == f"{reason}p1"
    assert workshop.wait("p3", updated).reason == f"{reason}p2"


def test_an_input_that_a_user_marked_as_bad_makes_jobs_unrunnable(workshop: Workshop) -> None:
    workshop.wait("p", workshop.pipeline("p", {"pfs": {"name": "data", "repo": "in", "glob": "/*"}}))
    bad = workshop.put("in", {"/a": "1"}, error="spoilt")
    assert workshop.wait("p", bad).reason.endswith("failed: data")
    assert workshop.wait("p", workshop.put("in", {"/b": "2"})).state.name == "SUCCESS"
    assert workshop.files("p") == {"/b": "2"}


def test_a_chain_fails_from_the_stage_that_fails_and_is_good_before(open_workshop: Open) -> None:
    def picky(visit: Visit) -> dict[str, bytes]:
        return fail(visit) if "file1" in visit.env["first"] else copy(visit)

    workshop = open_workshop({"picky": picky})
    workshop.repo("in")
    workshop.pipeline("first")
    workshop.pipeline("second", "first:/*", "picky")
    workshop.wait("third", workshop.pipeline("third", "second:/*"))
    assert workshop.wait_set(workshop.put("in", {"/file0": ""})) == ["SUCCESS"] * 3
    assert workshop.wait_set(workshop.put("in", {"/file1": ""})) == ["SUCCESS", "FAILURE", "UNRUNNABLE"]


def test_all_other_datums_of_a_failing_job_still_run(open_workshop: Open) -> None:
    workshop = open_workshop(
        {"picky": lambda visit: fail(visit) if visit.env["in"] == "/pfs/in/0" else copy(visit)}
    )
    workshop.repo("in")
    workshop.put("in", {f"/{n}": "" for n in range(5)})
    info = workshop.wait("p", workshop.pipeline("p", stage="picky"))
    assert counts(info) == {"processed": 4, "failed": 1}
    assert set(workshop.files("p")) == {"/1", "/2", "/3", "/4"}


def test_the_next_job_builds_on_the_last_good_one(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", workshop.pipeline("p"))
    workshop.wait("p", workshop.pipeline("p", stage="fail", update=True, reprocess=True))
    good = workshop.wait("p", workshop.pipeline("p", update=True))
    assert counts(good) == {"processed": 1}
    assert workshop.files("p") == {"/a": "1"}


def test_every_try_is_used_and_said(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    creation = workshop.pipeline("p", stage="fail", datum_tries=5)
    workshop.wait("p", creation)
    lines = workshop.log("p", creation)
    assert lines == ["errored running user code after 0s: exit code 1"] * 5
    assert list(workshop.runner.attempts.values()) == [5]


def test_only_the_last_try_decides(open_workshop: Open) -> None:
    tries: list[str] = []

    def third_time(visit: Visit) -> dict[str, bytes]:
        tries.append(visit.env["PACH_DATUM_ID"])
        return copy(visit) if len(tries) == 3 else fail(visit)

    workshop = open_workshop({"third_time": third_time})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    creation = workshop.pipeline("p", stage="third_time", transform={"err_cmd": ["nothing"]})
    assert counts(workshop.wait("p", creation)) == {"processed": 1}
    assert counts(workshop.wait("p", workshop.put("in"))) == {"skipped": 1}


def test_a_datum_that_takes_too_long_fails(open_workshop: Open) -> None:
    workshop = open_workshop({"hang": lambda visit: visit.wait_for(CancelToken()) or {}})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    creation = workshop.pipeline("p", stage="hang", datum_tries=1, datum_timeout="0.05s")
    info = workshop.wait("p", creation)
    (datum,) = workshop.datums("p", creation)
    assert info.state.name == "FAILURE"
    assert (datum.state.name, datum.reason) == ("FAILED", "timed out after 0.05s")
    assert datum.stats.process_time == 0.05


def test_a_job_that_takes_too_long_is_killed_and_its_commits_finished(open_workshop: Open) -> None:
    workshop = open_workshop({"hang": lambda visit: visit.wait_for(CancelToken()) or {}})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    info = workshop.wait("p", workshop.pipeline("p", stage="hang", job_timeout="0.05s"))
    assert (info.state.name, info.reason) == ("KILLED", " jobtimed out")
    assert workshop.commit_error(info.output_commit) == " jobtimed out"


def test_a_failed_datums_inputs_are_kept_for_whoever_looks_for_the_cause(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    creation = workshop.pipeline("p", stage="fail")
    workshop.wait("p", creation)
    (datum,) = workshop.datums("p", creation)
    files = workshop.files("p.meta")
    assert files[f"/pfs/{datum.datum.id}/in/a"] == "1"
    assert '"reason": "exit code 1"' in files[f"/meta/{datum.datum.id}/meta"]


def test_two_datums_that_write_one_path_fail_the_job_until_they_stop(open_workshop: Open) -> None:
    workshop = open_workshop({"overlap": lambda _visit: {"/overlap": b"x"}})
    workshop.repo("in")
    workshop.put("in", {"/a": "1", "/b": "2"})
    info = workshop.wait("p", workshop.pipeline("p", stage="overlap"))
    assert info.state.name == "FAILURE"
    assert info.reason.startswith("duplicate path output by different datums (/overlap from ")
    assert workshop.commit_error(info.output_commit) == info.reason
    assert workshop.wait("p", workshop.pipeline("p", update=True)).state.name == "SUCCESS"


def test_a_runner_that_breaks_fails_the_job_and_is_reported(open_workshop: Open) -> None:
    def broken(_visit: Visit) -> dict[str, bytes]:
        raise RuntimeError("the sandbox fell over")

    workshop = open_workshop({"broken": broken})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    info = workshop.wait("p", workshop.pipeline("p", stage="broken"))
    assert (info.state.name, info.reason) == (
        "FAILURE",
        "internal error: RuntimeError: the sandbox fell over",
    )
    assert "RuntimeError" in workshop.reports.pop()
    assert workshop.wait("p", workshop.pipeline("p", update=True)).state.name == "SUCCESS"


def test_a_pipeline_without_command_fails_its_jobs_instead_of_keeping_them(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    info = workshop.wait("p", workshop.pipeline("p", transform={"cmd": []}))
    assert (info.state.name, info.reason) == ("FAILURE", "invalid pipeline transform, no command specified")


@pytest.mark.parametrize(
    ("trouble", "wanted"),
    [
        (NoSpace("no space left"), "space"),
        (OSError(errno.EIO, "I/O error"), "the disk"),
        (OSError(errno.EMFILE, "too many"), "files to be closed"),
    ],
)
def test_a_full_or_failing_disk_is_nobodys_fault_so_the_job_waits_and_goes_on(
    open_workshop: Open, trouble: Exception, wanted: str
) -> None:
    full = [trouble]

    def hungry(visit: Visit) -> dict[str, bytes]:
        if visit.env["in"] == "/pfs/in/b" and full:
            raise full.pop()
        return copy(visit)

    workshop = open_workshop({"hungry": hungry})
    workshop.repo("in")
    workshop.put("in", {"/a": "1", "/b": "2"})
    info = workshop.wait("p", workshop.pipeline("p", stage="hungry"))
    assert (info.state.name, info.reason, info.restarts) == ("SUCCESS", "", 1)
    assert f"waits for {wanted}" in workshop.reports.pop()
    assert workshop.files("p") == {"/a": "1", "/b": "2"}


def test_while_a_job_waits_for_the_disk_its_pipeline_says_so_with_what_is_free_and_needed(
    open_workshop: Open, tmp_path: Path
) -> None:
    full = [no_space(tmp_path, "too little", needed=1 << 60)]

    def hungry(visit: Visit) -> dict[str, bytes]:
        for trouble in tuple(full):
            raise trouble
        return copy(visit)

    def said(tx: Tx) -> tuple[str, list[str]] | None:
        (info,) = list_(tx, PipelineQuery())
        return (
            (info.reason, [line for _, lines in alerts(tx, None, 0.0) for line in lines])
            if info.reason
            else None
        )

    workshop = open_workshop({"hungry": hungry})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    creation = workshop.pipeline("p", stage="hungry")
    of_pipeline, of_status = workshop.pps.pfs.db.wait(said, CancelToken())
    full.clear()
    info = workshop.wait("p", creation)
    assert re.match(r"waiting for space \([\d.]+\w+ free, 1EiB needed\): no space left to write", of_pipeline)
    assert of_status == [f"job {info.job.id}: {of_pipeline}"]
    with workshop.pps.pfs.read() as tx:
        assert said(tx) is None
    workshop.reports.clear()


def test_an_input_called_space_is_no_trouble_with_the_disk() -> None:
    assert not is_held_up("waiting for space")
    assert not is_held_up("waiting for the disk, space")


def test_a_datum_that_filled_the_disk_uses_up_no_try_and_says_later_what_it_needs(
    open_workshop: Open,
) -> None:
    troubles, rooms = [NoSpace("ended"), NoSpace("ended", room=7)], []

    def greedy(visit: Visit) -> dict[str, bytes]:
        rooms.append(visit.run.room)
        if troubles:
            raise troubles.pop()
        return copy(visit)

    workshop = open_workshop({"greedy": greedy})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    info = workshop.wait("p", workshop.pipeline("p", stage="greedy", datum_tries=1))
    assert (info.state.name, rooms) == ("SUCCESS", [0, 7, 7])
    assert len(workshop.reports) == 2
    workshop.reports.clear()
