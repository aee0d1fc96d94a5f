"""Which outputs are results."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web.reports.finding import results
from calf.wire.messages import calf_pps, pfs, pps
from tests.web import runs

SCRIPT = [
    "if [ -e /pfs/in/bad ]; then exit 1; fi",
    """if [ -e /pfs/in/good ]; then echo '{"mean_iou": 0.5}' > /pfs/out/metrics.json; fi""",
]


def test_a_run_on_the_past_hides_no_result(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "evaluate", SCRIPT, glob="/")
    early = runs.put(client, {"/a": b"1"})
    late = runs.put(client, {"/good": b"1"})
    pipeline = runs.newest(client, "evaluate").job.pipeline
    on = pfs.Commit(repo=runs.repo("in"), id=early)
    request = calf_pps.RunPipelineRequest(pipeline=pipeline, provenance=[on])
    job = client.call("/calf_pps_v1.API/RunPipeline", request).job
    assert client.pps.InspectJob(pps.InspectJobRequest(job=job, wait=True)).state == pps.JOB_SUCCESS
    found = dashboard.get("/p/default/metrics.json").json()
    assert found["sources"] == ["evaluate"]
    assert found["rows"][0]["commit"] == late
    (row,) = dashboard.get("/p/default/pipelines.json?find=evaluate").json()["pipelines"]
    assert row["last_job"]["id"] == late


def test_figures_that_say_nothing_of_parts_leave_no_question_open(
    dashboard: TestClient, client: Client
) -> None:
    report = "echo '<h1>Report</h1>' > /pfs/out/Report.html"
    runs.create(client, "evaluate", [*SCRIPT, report], glob="/")
    runs.put(client, {"/good": b"1"})
    assert "the figures do not say" in dashboard.get("/p/default/summary").text
    assert "Add one of" not in dashboard.get("/p/default/metrics").text
    other = [*SCRIPT, """echo '{"mean_iou": 0.5, "iou": {"pet": 0.4}}' > /pfs/out/metrics.json""", report]
    runs.create(client, "evaluate", other, glob="/")
    runs.wait(client, runs.newest(client, "evaluate").job.id)
    words = re.sub(r"<[^>]+>|\s+", " ", dashboard.get("/p/default/summary").text)
    assert "Where does it fail? class pet 0.4" in re.sub(" +", " ", words)


def test_a_report_is_found_behind_any_number_of_outputs_that_have_figures_alone(
    dashboard: TestClient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calf.web.reports.listing._ROWS", 1)
    monkeypatch.setattr("calf.web.reports.summary._RECENT", 2)
    page = "if [ -e /pfs/in/page ]; then echo Report > /pfs/out/Report.html; fi"
    for name in ("evaluate", "tune"):
        runs.create(client, name, [*SCRIPT, page] if name == "evaluate" else SCRIPT, glob="/")
    report = runs.put(client, {"/good": b"1", "/page": b"1"})
    client.pps.StopPipeline(pps.StopPipelineRequest(pipeline=pps.Pipeline(name="evaluate")))
    for number in range(3):
        runs.put(client, {"/good": b"%d" % number})
    data = dashboard.get("/p/default/reports.json").json()
    assert ([row["commit"] for row in data["rows"]], data["next"]) == ([report], None)
    for found in (data, dashboard.get("/p/default/summary.json").json()):
        assert found["summary"]["commit"] == report


def test_an_old_report_is_compared_with_the_one_before_it(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "evaluate", [*SCRIPT, "echo > /pfs/out/Report.html"], glob="/")
    commits = [runs.put(client, {"/good": b"%d" % number}, waits=False) for number in range(33)]
    runs.wait(client, commits[-1])
    for new, older in ((commits[1], commits[0]), (commits[-1], commits[-2])):
        assert dashboard.get(f"/p/default/reports/evaluate.json?commit={new}").json()["older"] == older


def test_an_output_may_be_a_report_and_a_release(dashboard: TestClient, client: Client) -> None:
    decided = """echo '{"accepted": true, "decision": "accepted"}' > /pfs/out/decision.json"""
    report = "echo '<h1>Report</h1>' > /pfs/out/Report.html"
    runs.create(client, "model", [*SCRIPT, report, decided], glob="/")
    made = runs.put(client, {"/good": b"1"})
    (release,) = dashboard.get("/p/default/releases.json").json()["rows"][:1]
    assert (release["commit"], release["report"]["commit"]) == (made, made)
    row = dashboard.get("/p/default/reports.json").json()["rows"][0]
    assert (row["commit"], row["decision"]["words"]) == (made, "accepted")
    job = dashboard.get(f"/p/default/pipelines/model/jobs/{made}.json").json()
    assert job["decision"]["words"] == "accepted"


def test_a_report_has_what_was_decided_of_the_same_bytes(dashboard: TestClient, client: Client) -> None:
    report = [*SCRIPT, "if [ -e /pfs/in/good ]; then echo Report > /pfs/out/Report.html; fi"]
    runs.create(client, "evaluate", report, glob="/")
    decide = ["""echo '{"accepted": true, "decision": "accepted"}' > /pfs/out/decision.json"""]
    runs.create(client, "release", decide, input={"pfs": {"repo": "evaluate", "glob": "/"}})
    decided = runs.put(client, {"/good": b"1"})
    release = pps.Pipeline(name="release", project=pfs.Project(name="default"))
    client.pps.StopPipeline(pps.StopPipelineRequest(pipeline=release))
    again = runs.put(client, {"/good": b"2"})
    data = dashboard.get("/p/default/reports.json").json()
    assert [(row["commit"], row["decision"]["alike"]) for row in data["rows"]] == [
        (again, True), (decided, False),
    ]  # fmt: skip
    assert (data["summary"]["decision"]["commit"], data["summary"]["decision"]["alike"]) == (decided, True)
    for page in ("reports", "summary", f"reports/evaluate?commit={again}"):
        words = re.sub(r"<[^>]+>|\s+", " ", dashboard.get(f"/p/default/{page}").text)
        assert f"accepted by {decided[:8]}, the same bytes" in re.sub(" +", " ", words)
    other = [line.replace("0.5", "0.6") for line in report]
    runs.create(client, "evaluate", other, glob="/")
    runs.wait(client, runs.newest(client, "evaluate").job.id)
    assert dashboard.get("/p/default/reports.json").json()["rows"][0]["decision"] is None


def test_a_report_that_nobody_decided_about_says_what_its_release_waits_for(
    dashboard: TestClient, client: Client
) -> None:
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=runs.repo("proofs"), description="Made by attest."))
    score = "echo '{\"mean_iou\": 0.'$(ls /pfs/in | wc -l)'}' > /pfs/out/metrics.json"
    runs.create(client, "evaluate", [score, "echo R > /pfs/out/Report.html"], glob="/")
    decide = ["""echo '{"accepted": true, "decision": "accepted"}' > /pfs/out/decision.json"""]
    first = runs.put(client, {"/a": b"1"})
    silent = {"repo": "evaluate", "glob": "/", "propagation_spec": {"never": True}}
    proofs = {"repo": "proofs", "glob": "/", "join_on": "x", "outer_join": True}
    inputs = [{"pfs": {**silent, "join_on": "x", "outer_join": True}}, {"pfs": proofs}]
    runs.create(client, "release", decide, input={"join": inputs})
    decided = runs.newest(client, "release").job.id
    assert dashboard.get("/p/default/summary.json").json()["summary"]["undecided"] is None
    runs.put(client, {"/b": b"1"})
    why = dashboard.get("/p/default/summary.json").json()["summary"]["undecided"]
    assert (why["commit"], why["about"], why["words"], why["itself"]) == (decided, first, "accepted", False)
    assert why["starts"] == [{"project": "default", "repo": "proofs", "description": "Made by attest."}]
    page = re.sub(r"<[^>]+>|\s+", " ", dashboard.get("/p/default/reports").text)
    words = re.sub(" +(?=[ .,])", "", page)
    assert (
        "release does not run by itself on a new commit of evaluate, but on one of proofs. Its last" in words
    )
    line = re.sub(r"<[^>]+>|\s+", " ", dashboard.get("/p/default/summary").text)
    assert "undecided (another before: accepted ) why" in re.sub(" +", " ", line)


def test_figures_about_another_number_of_samples_are_told_to_be_another_test(
    dashboard: TestClient, client: Client
) -> None:
    score = "echo '{\"mean_iou\": 0.5, \"samples\": '$(ls /pfs/in | wc -l)'}' > /pfs/out/metrics.json"
    runs.create(client, "evaluate", [score, "cat /pfs/in/* > /pfs/out/Report.html"], glob="/")
    sets = [runs.put(client, files) for files in ({"/a": b"1", "/b": b"1"}, {"/b": b"2"}, {"/c": b"1"})]
    pages = {
        "reports": "on 2 samples, now 3: not the same test",
        f"compare?old={sets[1]}&new={sets[2]}": "On 2 samples then, and 3 now: not the same test.",
    }
    for page, words in pages.items():
        assert words in dashboard.get(f"/p/default/{page}").text
    assert "not the same test" not in dashboard.get(f"/p/default/compare?old={sets[0]}&new={sets[1]}").text


def test_what_the_settings_of_a_release_call_the_data_stands_first(
    dashboard: TestClient, client: Client
) -> None:
    runs.create(client, "evaluate", [*SCRIPT, "echo R > /pfs/out/Report.html"], glob="/")
    decide = ["""echo '{"accepted": true, "decision": "accepted"}' > /pfs/out/decision.json"""]
    inputs = [{"pfs": {"repo": "evaluate", "glob": "/"}}, {"pfs": {"repo": "in", "glob": "/release.yaml"}}]
    runs.create(client, "release", decide, input={"cross": inputs})
    runs.put(client, {"/good": b"1", "/release.yaml": b"limits: []\n"})
    assert dashboard.get("/p/default/summary.json").json()["summary"]["named"] is None
    runs.put(client, {"/release.yaml": b"data: {name: <i>Drawn</i> animals, source: draw.py}\n"})
    found = dashboard.get("/p/default/summary.json").json()["summary"]["named"]
    assert (found["name"], found["source"], found["path"]) == (
        "<i>Drawn</i> animals",
        "draw.py",
        "/release.yaml",
    )
    for page in ("summary", "reports"):
        assert "&lt;i&gt;Drawn&lt;/i&gt; animals" in dashboard.get(f"/p/default/{page}").text


def test_the_line_above_the_graph_says_how_the_last_run_ended(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "evaluate", [*SCRIPT, "touch /pfs/out/Report.html"], glob="/")
    runs.put(client, {"/good": b"1"})
    bad = runs.put(client, {"/bad": b"1"})
    last = dashboard.get("/p/default/summary.json").json()["summary"]["last"]
    assert [run["state"] for run in last] == ["failure", "success"]
    assert [[each["pipeline"] for each in run["failed"]] for run in last] == [["evaluate"], []]
    page = dashboard.get("/p/default/summary").text.partition("What ran last?")[2]
    assert f'failure</span> <a href="/p/default/pipelines/evaluate/jobs/{bad}">evaluate</a>' in page
    assert ";" not in re.sub(r"<[^>]+>", "", page)


def test_the_last_result_is_found_behind_runs_that_failed(client: Client) -> None:
    runs.create(client, "evaluate", SCRIPT, glob="/")
    good = runs.put(client, {"/good": b"1"})
    for number in (b"1", b"2", b"3", b"4"):
        runs.put(client, {"/bad": number})
    (found,) = results(client, "default", ["evaluate"], 1)
    assert found.spot.commit == good
