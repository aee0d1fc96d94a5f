from __future__ import annotations

import re
import time
from typing import Any

from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.model.errors import Unimplemented
from calf.views.replay.running import replay_job
from calf.web import links
from calf.web.app import make_app
from calf.web.serving import Attended
from calf.web.upstream import Upstream
from calf.wire.messages import pps
from tests.web import runs
from tests.web.conftest import HOST

ORIGIN = {"origin": "http://127.0.0.1:4000"}
LIMIT = 20.0
NAMES = ("prepare", "evaluate")
RELEASE = [
    "cat > /pfs/out/decision.json <<END",
    '{"accepted": true, "decision": "accepted", "checks": [',
    ' {"name": "reproduced", "passed": false, "waived": true, "reason": "nobody replayed the jobs"},',
    ' {"name": "clean", "passed": false, "waived": true, "reason": "dirty"}]}',
    "END",
]


def replay(dashboard: TestClient, url: str, **form: str) -> dict[str, Any]:
    """Ask for a replay, and what its page says when it has ended."""
    found = dashboard.post(url, data=form, headers=ORIGIN, follow_redirects=False)
    assert found.status_code == 303, found.text
    end = time.monotonic() + LIMIT
    page = found.headers["location"]
    while not (data := dashboard.get(f"{page}.json").json())["replay"]["ended"]:
        assert time.monotonic() < end
    assert dashboard.get(page).status_code == 200
    return {**data, "page": dashboard.get(page).text}


def test_a_replay_says_reproduced_with_the_digest(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "copy", runs.COPY)
    job = runs.put(client, {"/a": b"1"})
    before = len(list(client.pps.ListJob(_all())))
    told = replay(dashboard, links.act("default", "copy", "replay", job))
    (part,) = told["parts"]
    assert (part["result"], part["outcome"]["files"]) == ("reproduced", 1)
    assert len(part["digest"]) == 64
    assert part["digest"] in told["page"]
    assert f"pachctl attest copy@{job} --replay all" in told["page"]
    assert "The server has signed it" in told["page"]
    assert len(list(client.pps.ListJob(_all()))) == before  # the new run has gone
    assert "reproduced, bit for bit" in dashboard.get(links.replays("default")).text


def test_a_replay_names_the_first_file_that_differs(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "chance", runs.CHANCE, glob="/")
    job = runs.put(client, {"/a": b"1"})
    told = replay(dashboard, links.act("default", "chance", "replay", job), keep="1")
    (part,) = told["parts"]
    assert (part["result"], part["outcome"]["differing"]) == ("differs", ["/random.txt"])
    assert part["outcome"]["differences"][0]["lines"][0] == "line 1"
    assert "the stage itself is not the same twice" in told["page"]
    kept = part["outcome"]["scratch_commit"]
    assert dashboard.get(links.job("default", "chance", kept)).status_code == 200


def test_all_behind_a_set_is_replayed(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "copy", runs.COPY)
    runs.create(client, "bad", ["exit 1"])
    job = runs.put(client, {"/a": b"1"})
    told = replay(dashboard, links.replay_set("default", job))
    results = {part["pipeline"]: part["result"] for part in told["parts"]}
    assert results == {"copy": "reproduced", "bad": "not run"}
    assert next(part["error"] for part in told["parts"] if part["pipeline"] == "bad")
    assert told["replay"]["results"] == {"reproduced": 1, "not run": 1}


def test_a_replay_can_be_stopped_and_says_nothing_then(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "slow", ["if [ -e /pfs/in/a ]; then sleep $(cat /pfs/in/a); fi"], glob="/")
    job = runs.put(client, {"/a": b"2"})
    found = dashboard.post(
        links.act("default", "slow", "replay", job), headers=ORIGIN, follow_redirects=False
    )
    page = found.headers["location"]
    dashboard.post(f"{page}/stop", headers=ORIGIN)
    end = time.monotonic() + LIMIT
    while not (data := dashboard.get(f"{page}.json").json())["replay"]["ended"]:
        assert time.monotonic() < end
    assert data["replay"]["stopped"]
    assert [(part["result"], part["error"]) for part in data["parts"]] == [("stopped", "")]
    assert "differs" not in dashboard.get(page).text


def test_a_replay_of_nothing_reproduces_it(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "silent", ["true"])
    job = runs.put(client, {"/a": b"1"})
    (part,) = replay(dashboard, links.act("default", "silent", "replay", job))["parts"]
    assert (part["result"], part["error"], part["digest"]) == ("reproduced", "", "")


def test_while_a_replay_runs_the_dashboard_is_not_idle(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "slow", ["if [ -e /pfs/in/a ]; then sleep 2; fi"], glob="/")
    job = runs.put(client, {"/a": b"2"})
    replays = dashboard.app.state.replays  # type: ignore[attr-defined]  # it is ours
    attended = Attended(dashboard.app, lambda: replays.are_running)
    dashboard.post(links.act("default", "slow", "replay", job), headers=ORIGIN, follow_redirects=False)
    assert replays.are_running
    longest = 0.0
    while replays.are_running:
        longest = max(longest, attended.idle)
    assert longest < 1


def test_a_replay_that_is_not_known_says_why(dashboard: TestClient) -> None:
    found = dashboard.get(links.replay("default", "0" * 32))
    assert found.status_code == 404
    assert "has forgotten those before" in found.text
    assert "No replays yet." in dashboard.get(links.replays("default")).text
    assert dashboard.get(links.replay_picture("default", "0" * 32, 0)).status_code == 404


def test_a_replay_of_all_clears_the_doubt_that_nobody_replayed(dashboard: TestClient, client: Client) -> None:
    job = released(client)
    assert doubts(dashboard, job) == [["nobody replayed the jobs", "dirty"]] * 4
    replay(dashboard, links.act("default", "release", "replay", job))
    unheard = "the model's own job was not run again"
    assert doubts(dashboard, job) == [["nobody replayed the jobs", "dirty"]] * 4, unheard
    replay(dashboard, links.replay_set("default", job))
    assert doubts(dashboard, job) == [["dirty"]] * 4
    for page in ("summary", "reports", "releases"):
        assert "1 of 1 jobs reproduced</a>" in dashboard.get(f"/p/default/{page}").text


def test_a_replay_from_elsewhere_clears_it_too_and_another_dashboard_knows(
    dashboard: TestClient, client: Client, server_address: str
) -> None:
    job = released(client)
    evaluate = pps.Job(pipeline=pps.Pipeline(name="evaluate", project={"name": "default"}), id=job)
    assert replay_job(client, evaluate).ok
    upstream = Upstream(server_address)
    with TestClient(make_app(upstream, [HOST]), base_url=f"http://{HOST}") as later:
        for each in (dashboard, later):
            assert doubts(each, job) == [["dirty"]] * 4
            page = each.get("/p/default/summary").text
            assert "1 of 1 jobs reproduced</span>" in page
            assert "signed by this engine" in page
            page = each.get(links.job("default", "evaluate", job)).text
            assert re.search("reproduced .* ago, signed by this engine", page)
    upstream.close()


def test_a_job_that_is_no_longer_on_record_was_not_replayed(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "prepare", ["cp /pfs/in/* /pfs/out/"])
    job = released(client, "prepare")
    names = {name: pps.Job(pipeline={"name": name, "project": {"name": "default"}}, id=job) for name in NAMES}
    client.pps.DeleteJob(pps.DeleteJobRequest(job=names["prepare"]))
    assert replay_job(client, names["evaluate"]).ok
    assert doubts(dashboard, job) == [["nobody replayed the jobs", "dirty"]] * 4
    assert "1 of 2 jobs reproduced</" in dashboard.get("/p/default/summary").text


def released(client: Client, repo: str = "in") -> str:
    """A report and a release that decided about it, in a commit set."""
    figures = ["echo '{\"mean_iou\": 0.5}' > /pfs/out/metrics.json", "touch /pfs/out/a.html"]
    runs.create(client, "evaluate", figures, input={"pfs": {"repo": repo, "glob": "/*"}})
    runs.create(client, "release", RELEASE, input={"pfs": {"repo": "evaluate", "glob": "/"}})
    return runs.put(client, {"/a": b"1"})


def doubts(dashboard: TestClient, job: str) -> list[list[str]]:
    """What each page that has doubts says."""
    release = dashboard.get("/p/default/releases/release.json", params={"commit": job}).json()
    report = dashboard.get("/p/default/reports/evaluate.json", params={"commit": job}).json()
    return [
        dashboard.get("/p/default/summary.json").json()["summary"]["doubts"],
        dashboard.get("/p/default/releases.json").json()["rows"][0]["doubts"],
        release["decision"]["doubts"],
        report["doubts"],
    ]


def test_a_server_that_knows_no_replays_says_so(
    dashboard: TestClient, client: Client, monkeypatch: Any
) -> None:
    runs.create(client, "copy", runs.COPY)
    job = runs.put(client, {"/a": b"1"})
    call = Client.call

    def asked(self: Client, path: str, request: Any) -> Any:
        if path.startswith("/calf_pps_v1.API/"):
            raise Unimplemented("unknown service calf_pps_v1.API")
        return call(self, path, request)

    monkeypatch.setattr(Client, "call", asked)
    told = replay(dashboard, links.act("default", "copy", "replay", job))
    assert told["parts"][0]["error"] == "this server does not know replays, which are calf's own"


def _all() -> Any:
    return pps.ListJobRequest(history=-1)
