from __future__ import annotations

import time

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client
from calf.web import links
from calf.wire.messages import Message, pfs, pps
from tests.web import runs

ORIGIN = {"origin": "http://127.0.0.1:4000"}
LIMIT = 20.0


@pytest.fixture
def first(client: Client) -> str:
    """The job of `copy` that has run."""
    runs.create(client, "copy", runs.COPY)
    return runs.put(client, {"/a": b"1"})


def do(dashboard: TestClient, url: str, **form: str) -> str:
    """Post a form, and the page that one is sent to."""
    found = dashboard.post(url, data=form, headers=ORIGIN, follow_redirects=False)
    assert found.status_code == 303, found.text
    return found.headers["location"]


def inspect(client: Client) -> Message:
    pipeline = pps.Pipeline(name="copy", project=pfs.Project(name="default"))
    return client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=pipeline, details=True))


def test_a_pipeline_is_stopped_started_and_run_again(
    dashboard: TestClient, client: Client, first: str
) -> None:
    page = links.pipeline("default", "copy")
    assert do(dashboard, links.act("default", "copy", "stop")) == page
    assert inspect(client).stopped
    assert ">Start</button>" in dashboard.get(page).text
    do(dashboard, links.act("default", "copy", "start"))
    assert not inspect(client).stopped
    do(dashboard, links.act("default", "copy", "rerun"), reprocess="1")
    assert inspect(client).version == 2
    assert runs.newest(client, "copy").data_processed == 1


def test_a_pipeline_runs_on_commits_of_the_past(dashboard: TestClient, client: Client, first: str) -> None:
    runs.put(client, {"/b": b"2"})
    url = links.act("default", "copy", "run")
    for form in ({"commits": f" in@{first} \n"}, {"job": first}):
        made = do(dashboard, url, **form).rpartition("/")[2]
        job = pps.Job(pipeline=inspect(client).pipeline, id=made)
        info = client.pps.InspectJob(pps.InspectJobRequest(job=job, wait=True))
        assert (info.calf.detached, info.data_processed) == (True, 1)
    for bad in ("", "in", "in@x:/y", "@x"):
        assert dashboard.post(url, data={"commits": bad}, headers=ORIGIN).status_code == 400
    assert dashboard.post(url, data={"commits": "in@none"}, headers=ORIGIN).status_code == 404


def test_jobs_are_stopped_one_by_one_and_by_set(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "copy", ["if [ -e /pfs/in/a ]; then sleep 60; fi"], glob="/")
    for name, whole in (("a", False), ("b", True)):
        job = runs.put(client, {"/a": name.encode()}, waits=False)
        do(dashboard, links.stop_set("default", job) if whole else links.act("default", "copy", "stop", job))
        ended = runs.newest(client, "copy")
        assert (ended.job.id, ended.state) == (job, pps.JOB_KILLED)


def test_a_datum_that_hangs_is_begun_anew(dashboard: TestClient, client: Client) -> None:
    runs.create(client, "copy", ["if [ -e /pfs/in/a ]; then sleep 60; fi"], glob="/*")
    job = runs.put(client, {"/a": b"1"}, waits=False)
    page = links.job("default", "copy", job)

    def worker() -> dict[str, str]:
        end = time.monotonic() + LIMIT
        while not (found := dashboard.get(f"{page}.json").json()["workers"]):
            assert time.monotonic() < end
        return dict(found[0])

    first = worker()
    assert 'name="file1" value="/a"' in dashboard.get(page).text
    url = links.act("default", "copy", "restart", job)
    assert dashboard.post(url, headers=ORIGIN).status_code == 400
    assert dashboard.post(url, data={"file1": "/none"}, headers=ORIGIN).status_code == 409
    end = time.monotonic() + LIMIT
    while worker()["started"] == first["started"]:
        dashboard.post(url, data={"file1": "/a"}, headers=ORIGIN)  # none may run just now
        assert time.monotonic() < end
    do(dashboard, links.act("default", "copy", "stop", job))


def test_another_sites_form_does_nothing(dashboard: TestClient, client: Client, first: str) -> None:
    url = links.act("default", "copy", "stop")
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {}):
        assert dashboard.post(url, headers=headers).status_code == 403
    assert dashboard.get(url).status_code in (404, 405)
    assert not inspect(client).stopped


def test_a_form_too_large_is_refused(dashboard: TestClient, first: str) -> None:
    url = links.act("default", "copy", "run")
    assert dashboard.post(url, data={"commits": "x" * 70_000}, headers=ORIGIN).status_code == 400
    assert dashboard.post(url, content=b"\xff=1", headers=ORIGIN).status_code == 400
