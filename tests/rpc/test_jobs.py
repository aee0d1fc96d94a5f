"""Jobs, datums and logs over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import grpc
import pytest

from calf.kit.cancel import CancelToken
from calf.rpc import pps_datums, pps_jobs, pps_logs
from calf.wire.convert_refs import write_job
from calf.wire.messages import pfs as pfs_api
from calf.wire.messages import pps as api
from tests.pps.stages import Stage, Visit, copy, fail
from tests.pps.workshop import Workshop, job


def talk(visit: Visit) -> dict[str, bytes]:
    visit.say("hello")
    return copy(visit)


@dataclass
class Slow:
    """A stage that says when it has begun, and ends when it may."""

    begun: Event = field(default_factory=Event)
    gate: CancelToken = field(default_factory=CancelToken)

    def __call__(self, visit: Visit) -> dict[str, bytes]:
        self.begun.set()
        visit.wait_for(self.gate)
        return {}


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def workshop(tmp_path: Path, slow: Slow) -> Iterator[Workshop]:
    stages: dict[str, Stage] = {"talk": talk, "fail": fail, "slow": slow}
    made = Workshop.open(tmp_path / "home", stages).start()
    made.repo("in")
    made.put("in", {"/a": "1"})
    yield made
    made.close()


@pytest.fixture
def call(workshop: Workshop, serve: Callable[..., Any], ask: Callable[..., Any]) -> Callable[..., Any]:
    handlers = {
        **pps_jobs.handlers(workshop.pps),
        **pps_datums.handlers(workshop.pps, workshop.scheduler),
        **pps_logs.handlers(workshop.pps),
    }
    connection = ask(serve(handlers))
    return lambda method, request: connection(f"/pps_v2.API/{method}", request)


def ref(pipeline: str, job_id: str) -> Any:
    return write_job(job(pipeline, job_id))


def test_a_job_is_waited_for_and_shown_with_its_inputs(workshop: Workshop, call: Callable[..., Any]) -> None:
    made = workshop.pipeline("p", stage="talk")
    info = call("InspectJob", api.InspectJobRequest(job=ref("p", made), wait=True, details=True))
    assert info.state == api.JOB_SUCCESS
    assert (info.data_processed, info.data_total) == (1, 1)
    assert list(info.details.transform.cmd) == ["talk"]
    assert len(info.details.input.pfs.commit) == 32
    assert not call("InspectJob", api.InspectJobRequest(job=ref("p", made))).HasField("details")
    with pytest.raises(grpc.RpcError, match="must specify a job"):
        call("InspectJob", api.InspectJobRequest())


def test_records_of_jobs_name_the_branch_of_their_output(
    workshop: Workshop, call: Callable[..., Any]
) -> None:
    made = workshop.pipeline("p", stage="talk", output_branch="fresh")
    workshop.wait("p", made)
    found = [
        call("InspectJob", api.InspectJobRequest(job=ref("p", made), details=it)) for it in (True, False)
    ]
    found += call("ListJob", api.ListJobRequest())
    found += call("InspectJobSet", api.InspectJobSetRequest(job_set=api.JobSet(id=made)))
    found += [info for each in call("ListJobSet", api.ListJobSetRequest()) for info in each.jobs]
    assert len(found) == 5
    assert {info.output_commit.branch.name for info in found} == {"fresh"}


def test_records_of_many_pipelines_jobs_name_each_its_own_branch(
    workshop: Workshop, call: Callable[..., Any]
) -> None:
    names = [f"p{number}" for number in range(8)]
    made = {name: workshop.pipeline(name, stage="talk", output_branch=f"of-{name}") for name in names}
    for name in names:
        workshop.wait(name, made[name])
    found = {
        info.job.pipeline.name: info.output_commit.branch.name
        for info in call("ListJob", api.ListJobRequest())
    }
    assert found == {name: f"of-{name}" for name in names}


def test_jobs_are_listed_by_state_and_page_by_page(workshop: Workshop, call: Callable[..., Any]) -> None:
    good = workshop.pipeline("p", stage="talk")
    bad = workshop.pipeline("q", stage="fail")
    for name, made in (("p", good), ("q", bad)):
        workshop.wait(name, made)

    def listed(**request: Any) -> list[str]:
        return [info.job.id for info in call("ListJob", api.ListJobRequest(history=-1, **request))]

    newest, oldest = call("ListJob", api.ListJobRequest(history=-1))
    assert [newest.job.id, oldest.job.id] == [bad, good]
    assert listed(number=1, paginationMarker=newest.created) == [good]
    assert listed(paginationMarker=oldest.created, reverse=True) == [bad]
    assert listed(jqFilter='.state == "JOB_SUCCESS"') == [good]
    assert listed(jqFilter='select(.state=="JOB_SUCCESS" or .state=="JOB_FAILURE")') == [bad, good]
    assert listed(jqFilter='.reason // "" | startswith("datum")') == [bad]
    assert listed(jqFilter='.state == "JOB_NONSENSE"') == []
    assert listed(jqFilter=".job.id", number=1) == [bad]
    sets = call("ListJobSet", api.ListJobSetRequest(jqFilter='.state != "JOB_SUCCESS"'))
    assert [found.job_set.id for found in sets] == [bad]


def test_job_sets_are_listed_and_waited_for(workshop: Workshop, call: Callable[..., Any]) -> None:
    workshop.pipeline("p", stage="talk")
    workshop.wait("q", workshop.pipeline("q", "p:/*", stage="talk"))
    made = workshop.put("in", {"/b": "2"})
    request = api.InspectJobSetRequest(job_set=api.JobSet(id=made), wait=True)
    assert [info.job.pipeline.name for info in call("InspectJobSet", request)] == ["p", "q"]
    newest = next(iter(call("ListJobSet", api.ListJobSetRequest(number=1))))
    assert (newest.job_set.id, len(newest.jobs)) == (made, 2)


def test_a_job_is_stopped_once_and_deleted_with_its_logs(
    workshop: Workshop, call: Callable[..., Any]
) -> None:
    made = workshop.pipeline("p", stage="slow")
    workshop.until("p", made, "RUNNING")
    call("StopJob", api.StopJobRequest(job=ref("p", made), reason="enough"))
    assert workshop.wait("p", made).reason == "enough"
    call("StopJob", api.StopJobRequest(job=ref("p", made), reason="too late"))
    assert workshop.wait("p", made).reason == "enough"
    call("DeleteJob", api.DeleteJobRequest(job=ref("p", made)))
    with pytest.raises(grpc.RpcError, match="not found") as failure:
        call("InspectJob", api.InspectJobRequest(job=ref("p", made)))
    assert failure.value.code() is grpc.StatusCode.NOT_FOUND


def test_datums_of_a_job_and_of_an_input(workshop: Workshop, call: Callable[..., Any]) -> None:
    workshop.wait("p", made := workshop.pipeline("p", stage="talk"))
    (info,) = call("ListDatum", api.ListDatumRequest(job=ref("p", made)))
    assert info.state == api.SUCCESS
    assert [part.file.path for part in info.data] == ["/a"]
    assert call("InspectDatum", api.InspectDatumRequest(datum=info.datum)) == info
    read = api.Input(pfs=api.PFSInput(repo="in", glob="/*"))
    (ahead,) = call("ListDatum", api.ListDatumRequest(input=read))
    assert (ahead.datum.id, ahead.state) == (info.datum.id, api.UNKNOWN)
    assert list(call("ListDatum", api.ListDatumRequest(input=read, paginationMarker=info.datum.id))) == []
    with pytest.raises(grpc.RpcError, match="cannot specify both job and input"):
        list(call("ListDatum", api.ListDatumRequest(input=read, job=ref("p", made))))


def test_only_a_running_datum_is_restarted(workshop: Workshop, call: Callable[..., Any], slow: Slow) -> None:
    made = workshop.pipeline("p", stage="slow")
    assert slow.begun.wait(10)
    with pytest.raises(
        grpc.RpcError, match=rf"datum matching filter \[/b /c\] could not be found for job ID {made}"
    ):
        call("RestartDatum", api.RestartDatumRequest(job=ref("p", made), data_filters=["/b", "/c"]))
    call("RestartDatum", api.RestartDatumRequest(job=ref("p", made), data_filters=["/a"]))
    slow.gate.cancel()
    assert workshop.wait("p", made).state.name == "SUCCESS"


def test_logs_say_which_datum_and_which_file(workshop: Workshop, call: Callable[..., Any]) -> None:
    workshop.wait("p", made := workshop.pipeline("p", stage="talk"))
    (line,) = (each for each in call("GetLogs", api.GetLogsRequest(job=ref("p", made))) if each.user)
    assert (line.message, line.user, line.job_id) == ("hello", True, made)
    assert [part.path for part in line.data] == ["/a"]
    datum = api.Datum(id=line.datum_id, job=ref("p", made))
    assert len(list(call("GetLogs", api.GetLogsRequest(datum=datum, follow=True)))) == 1
    with pytest.raises(grpc.RpcError, match="must specify the Job or Pipeline that the datum is from"):
        list(call("GetLogs", api.GetLogsRequest(datum=api.Datum(id=line.datum_id))))


def test_a_pipelines_jobs_by_the_commit_they_read(workshop: Workshop, call: Callable[..., Any]) -> None:
    workshop.wait("p", workshop.pipeline("p", stage="talk"))
    workshop.wait("p", made := workshop.put("in", {"/b": "2"}))
    commit = pfs_api.Commit(repo=pfs_api.Repo(name="in"), id=made)
    assert [info.job.id for info in call("ListJob", api.ListJobRequest(input_commit=[commit]))] == [made]
