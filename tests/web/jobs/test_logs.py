from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web import links
from calf.web.app import make_app
from calf.web.jobs import log_reading
from calf.web.jobs.faults import fault_of
from calf.web.jobs.log_noise import fold
from calf.web.jobs.log_reading import LogQuery, pattern_of, plain
from calf.web.jobs.shapes import job_of
from calf.web.upstream import Upstream
from calf.wire.messages import pps
from tests.web import runs
from tests.web.jobs.conftest import HOST, Past


def texts(web: TestClient, link: str) -> list[str]:
    path, _, query = link.partition("?")
    return [line["text"] for line in web.get(f"{path}.json?{query}").json()["lines"]]


def test_a_log_is_shown_without_what_a_terminal_or_browser_would_obey(web: TestClient, past: Past) -> None:
    link = links.logs("default", "copy", past.failed)
    assert "red <script>alert(1)</script>\\u202e" in texts(web, link)
    page = web.get(link).text
    assert "<script>alert" not in page
    assert "\x1b" not in page


def test_lines_are_found_in_either_case_and_by_level(web: TestClient, past: Past) -> None:
    assert texts(web, links.logs("default", "copy", past.first, find="SEEN A")) == ["seen a"]
    assert texts(web, links.logs("default", "copy", past.failed, find="(")) == [
        "red <script>alert(1)</script>\\u202e"
    ]
    problems = texts(web, links.logs("default", "copy", past.failed, level="problems"))
    assert "Traceback: it is bad" in problems
    assert "seen bad" not in problems
    stage = web.get(links.logs("default", "copy", past.failed, level="stage").replace("logs?", "logs.json?"))
    assert {line["by"] for line in stage.json()["lines"]} == {"stage"}
    both = texts(web, links.logs("default", "copy", past.failed, find="bad", level="problems"))
    assert both == ["Traceback: it is bad"]
    nothing = web.get(links.logs("default", "copy", past.first, find="nowhere")).text
    assert "No line is like that." in nothing
    assert f"Looked at: all lines of job {past.first[:8]}." in nothing
    assert web.get(links.logs("default", "copy", level="odd")).status_code == 400


def test_a_pipelines_log_is_read_backwards_over_its_jobs(
    web: TestClient, past: Past, monkeypatch: Any
) -> None:
    whole = [
        line
        for job in (past.first, past.second, past.failed)
        for line in texts(web, links.logs("default", "copy", job))
    ]
    monkeypatch.setattr("calf.web.jobs.log_reading.ROWS", 3)
    monkeypatch.setattr("calf.web.jobs.logs.LogQuery", _by_threes)
    found: list[str] = []
    link = links.logs("default", "copy")
    while link:
        path, _, query = link.partition("?")
        data = web.get(f"{path}.json?{query}").json()
        assert len(data["lines"]) <= 3
        found = [line["text"] for line in data["lines"]] + found
        link = data["older"]
    assert found[-len(whole) :] == whole


def _by_threes(find: str, level: str, before: log_reading.Before) -> LogQuery:
    return LogQuery(find, level, before, 3)


def test_a_lines_link_shows_it_last(web: TestClient, past: Past) -> None:
    link = links.logs("default", "copy", past.failed)
    path, _, query = link.partition("?")
    line = web.get(f"{path}.json?{query}").json()["lines"][1]
    shown = web.get(f"{path}.json?job={past.failed}&before={line['mark']}").json()["lines"]
    assert line in shown
    assert max(each["ts"] for each in shown) == line["ts"]


def test_a_server_without_the_log_service_is_read_by_the_old_one(past: Past, monkeypatch: Any) -> None:
    place = log_reading.LogPlace("default", "copy", past.failed)
    wanted = LogQuery(find="BAD", number=2)
    new = log_reading.read_page(past.client, place, wanted)
    monkeypatch.setattr(past.client, "call", _without_logs(past.client.call))
    assert log_reading.read_page(past.client, place, wanted) == new
    assert len(new.lines) == 2


def _without_logs(call: Any) -> Any:
    from calf.model.errors import Unimplemented

    def asked(path: str, request: Any) -> Any:
        if path.startswith("/logs.API/"):
            raise Unimplemented("unknown service logs.API")
        return call(path, request)

    return asked


def test_a_datum_has_the_log_of_its_own_pipeline_where_another_has_an_equal_one(
    dashboard: TestClient, client: Client, monkeypatch: Any
) -> None:
    for name in ("one", "two"):
        runs.create(
            client, name, [f"for i in 1 2 3 4 5 6 7 8 9; do echo {name} $i; done", f"exit {len(name)}"]
        )
    job = runs.put(client, {"/a": b"1"})
    (datum,) = {
        each.datum.id
        for name in ("one", "two")
        for each in client.pps.ListDatum(pps.ListDatumRequest(job=job_of("default", name, job)))
    }
    monkeypatch.setattr("calf.web.jobs.log_reading._SPARE", 0)
    for name in ("one", "two"):
        place = log_reading.LogPlace("default", name, job, datum)
        for number in (3, 200):
            lines = log_reading.read_page(client, place, LogQuery(level="stage", number=number)).lines
            assert [line["text"] for line in lines] == [f"{name} {i}" for i in range(1, 10)][-number:]
        assert fault_of(client, "default", name, job).endswith(f"{name} 9")
        asked = pps.GetLogsRequest(datum=pps.Datum(id=datum, job=job_of("default", name, job)))
        assert {line.pipeline_name for line in client.pps.GetLogs(asked)} == {name}


def test_a_log_is_saved_as_text(web: TestClient, past: Past) -> None:
    saved = web.get(links.logs_download("default", "copy", past.failed))
    assert saved.headers["content-type"] == "text/plain; charset=utf-8"
    assert saved.headers["content-disposition"] == f'attachment; filename="copy-{past.failed[:8]}.log"'
    assert any(line.endswith("stage seen bad") for line in saved.text.splitlines())
    assert "\x1b" not in saved.text
    assert web.get(links.logs_download("default", "none")).status_code == 404


def test_saving_a_log_may_take_as_long_as_it_takes(past: Past) -> None:
    upstream = Upstream(past.client.target, timeout=1e-6)
    with TestClient(make_app(upstream, [HOST]), base_url=f"http://{HOST}") as hurried:
        assert hurried.get("/p/default/pipelines/copy/logs").status_code == 504
        found = hurried.get("/p/default/pipelines/copy/logs/download")
    assert "seen a" in found.text


def test_control_characters_are_written_out() -> None:
    assert plain("a\x1b[1;31mb\x1b[0m\tc\r\n") == "ab\tc"
    assert plain("x\x1b]0;title\x07y\x08") == "xy\\x08"
    assert plain("\u202eabc") == "\\u202eabc"


def test_what_is_looked_for_is_no_pattern() -> None:
    assert pattern_of(LogQuery()) == ""
    assert pattern_of(LogQuery("a.b")) == r"(?i)a\.b"


def test_a_search_goes_on_in_older_jobs_where_it_stopped_looking(
    web: TestClient, past: Past, monkeypatch: Any
) -> None:
    monkeypatch.setattr(log_reading, "_JOBS", 2)
    link = links.logs("default", "copy", find="seen a")
    newest = web.get(link.replace("logs?", "logs.json?")).json()
    assert newest["looked_at"] == "all lines of the newest 2 jobs"
    older = web.get(newest["older"].replace("logs?", "logs.json?")).json()
    assert past.first in {line["job"] for line in older["lines"]}
    assert not {line["id"] for line in newest["lines"]} & {line["id"] for line in older["lines"]}


def test_what_libraries_print_of_themselves_is_folded() -> None:
    told = [
        "begins",
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 00:00:1795334277.797074       2 port.cc:153] oneDNN custom operations are on.",
        "2026-11-22 07:53:51.298000: W external/local_tsl/platform.cc:210] no device",
        "E0000 00:00:1795334277.797074       2 port.cc:153] this is an error",
        "2026-11-22 07:53:51.298000: I tensorflow/core/cpu.cc:1] alone",
    ]
    lines: list[dict[str, Any]] = [{"text": text, "folds": 0, "unfolds": False} for text in told]
    fold(lines)
    assert [line["folds"] for line in lines] == [0, 3, 0, 0, 0, 0]
    assert [line["unfolds"] for line in lines] == [False, False, False, True, False, False]


def test_a_page_of_lines_says_of_which_day_they_are(web: TestClient, past: Past) -> None:
    link = links.logs("default", "copy", past.first)
    (day,) = {line["ts"][:10] for line in web.get(link.replace("logs?", "logs.json?")).json()["lines"]}
    assert web.get(link).text.count(f"{day}, times in UTC") == 1
