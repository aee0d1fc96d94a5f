"""The service `logs.API`: whose lines, which of them, and what it does not have."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.rpc import logs_api
from calf.wire.messages import logs as api
from tests.pps.stages import Stage, Visit
from tests.pps.workshop import Workshop

Read = Callable[..., list[str]]


def talk(visit: Visit) -> dict[str, bytes]:
    visit.say(f"{visit.env['PPS_PIPELINE_NAME']} reads {visit.env['in']}")
    return {}


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    stages: dict[str, Stage] = {"talk": talk}
    made = Workshop.open(tmp_path / "home", stages).start()
    made.repo("in")
    made.put("in", {"/a": "1", "/b": "2"})
    yield made
    made.close()


@pytest.fixture
def made(workshop: Workshop) -> list[str]:
    """The jobs of two pipelines that ran."""
    found = [workshop.pipeline(name, stage="talk") for name in ("p", "q")]
    for name, job_id in zip(("p", "q"), found, strict=True):
        workshop.wait(name, job_id)
    return found


@pytest.fixture
def call(workshop: Workshop, serve: Callable[..., Any], ask: Callable[..., Any]) -> Callable[..., Any]:
    connection = ask(serve(logs_api.handlers(workshop.pps)))
    return lambda request: list(connection("/logs.API/GetLogs", request))


@pytest.fixture
def read(call: Callable[..., Any]) -> Read:
    """The texts of the user's lines; what is said of `user` picks whose."""

    def read(user: dict[str, Any], tail: bool = False, **wanted: Any) -> list[str]:
        query = api.LogQuery(user=api.UserLogQuery(**user))
        wanted = {"user_logs_only": True} | wanted
        request = api.GetLogsRequest(query=query, filter=api.LogFilter(**wanted), tail=tail)
        return [answer.log.pps_log_message.message for answer in call(request)]

    return read


def pipeline(name: str) -> Any:
    return api.PipelineLogQuery(project="default", pipeline=name)


P_LINES = ["p reads /pfs/in/a", "p reads /pfs/in/b"]


def test_lines_are_picked_by_project_pipeline_job_and_datum(
    workshop: Workshop, made: list[str], read: Read
) -> None:
    datum = workshop.datums("p", made[0])[0]
    mine = f"reads /pfs/in{datum.inputs[0].path}"
    assert len(read({"project": "default"})) == 4
    assert read({"project": "other"}) == []
    assert sorted(read({"pipeline": pipeline("p")})) == P_LINES
    assert sorted(read({"job": made[0]})) == P_LINES
    assert sorted(read({"datum": datum.datum.id})) == [f"p {mine}", f"q {mine}"]
    one = api.PipelineJobLogQuery(pipeline=pipeline("p"), job=made[0])
    assert sorted(read({"pipeline_job": one})) == P_LINES
    two = api.JobDatumLogQuery(job=made[0], datum=datum.datum.id)
    assert read({"job_datum": two}) == [f"p {mine}"]
    three = api.PipelineDatumLogQuery(pipeline=pipeline("q"), datum=datum.datum.id)
    assert read({"pipeline_datum": three}) == [f"q {mine}"]


def test_lines_are_narrowed_by_text_and_number(made: list[str], read: Read) -> None:
    whose = {"pipeline": pipeline("p")}
    assert read(whose, regex=api.RegexLogFilter(pattern="/in/a$")) == P_LINES[:1]
    assert read(whose, regex=api.RegexLogFilter(pattern="/in/a$", negate=True)) == P_LINES[1:]
    assert len(read(whose, limit=1)) == 1
    assert "datums in this job: 2" in read(whose, user_logs_only=False)


def test_lines_are_narrowed_by_time_and_turned_round(made: list[str], read: Read, call: Any) -> None:
    query = api.LogQuery(user=api.UserLogQuery(pipeline=pipeline("p")))
    answers = call(api.GetLogsRequest(query=query, want_paging_hint=True))
    *lines, last = [answer.log for answer in answers[:-1]]
    every = [line.pps_log_message.message for line in (*lines, last)]
    until = api.TimeRangeLogFilter(until=lines[0].native_timestamp)
    assert read({"pipeline": pipeline("p")}, user_logs_only=False, time_range=until) == every[:1]
    back = api.TimeRangeLogFilter(until=lines[0].native_timestamp, from_=last.native_timestamp)
    assert read({"pipeline": pipeline("p")}, user_logs_only=False, time_range=back) == every[::-1]
    hint = answers[-1].paging_hint
    assert hint.newer.filter.time_range.from_ == last.native_timestamp
    assert json.loads(last.verbatim.line)["pipeline_name"] == last.object["pipeline_name"] == "p"


def test_a_job_is_followed_to_its_end(made: list[str], read: Read) -> None:
    whose = {"pipeline_job": api.PipelineJobLogQuery(pipeline=pipeline("p"), job=made[0])}
    assert sorted(read(whose, tail=True)) == P_LINES


def test_what_cannot_be_asked_is_said(made: list[str], call: Any) -> None:
    def refused(query: Any, **wanted: Any) -> str:
        with pytest.raises(grpc.RpcError) as error:
            call(api.GetLogsRequest(query=query, filter=api.LogFilter(**wanted)))
        return f"{error.value.code().name}: {error.value.details()}"

    assert "must say whose logs" in refused(api.LogQuery())
    assert refused(api.LogQuery(admin=api.AdminLogQuery(pod="x"))).startswith("UNIMPLEMENTED: ")
    missing = api.LogQuery(user=api.UserLogQuery(pipeline=pipeline("none")))
    assert refused(missing).startswith("NOT_FOUND: ")
    bad = api.RegexLogFilter(pattern="(")
    assert "no regular expression" in refused(
        api.LogQuery(user=api.UserLogQuery(pipeline=pipeline("p"))), regex=bad
    )
