"""Jobs in the browser: followed, stopped, replayed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import Axe
from tests.browser.served import Served
from tests.browser.watching import Watch
from tests.web import runs

STEPS = ["for i in 1 2 3 4 5 6 7 8 9; do echo step $i; sleep 0.4; done"]
LONG = ["echo begun; if [ -e /pfs/in/long ]; then sleep 60; fi; echo '<img src=x onerror=alert(1)>'"]


@pytest.fixture
def project(own: Served) -> str:
    """The URL of the project of a server with a repo `in`."""
    return f"{own.url}{runs.PROJECT}"


def test_a_log_is_followed_line_by_line(own: Served, project: str, page: Page) -> None:
    with own.connect() as client:
        runs.create(client, "steps", STEPS, glob="/")
        page.goto(f"{project}/pipelines/steps/logs")
        expect(page.locator("#follow")).to_have_text("Lines come as they are printed")
        runs.put(client, {"/a": b"1"}, waits=False)
        expect(page.get_by_text("step 1", exact=True)).to_be_visible()
        expect(page.get_by_text("step 9", exact=True)).to_have_count(0)
        expect(page.get_by_text("step 9", exact=True)).to_be_visible()
        expect(page.locator("#no-lines")).to_have_count(0)
        runs.newest(client, "steps")
        followed = page.locator(".lines li").evaluate_all(
            "rows => rows.map(row => [row.id, row.textContent])"
        )
        page.reload()
        again = page.locator(".lines li").evaluate_all("rows => rows.map(row => [row.id, row.textContent])")
    assert [row for row in again if row in followed] == followed


@pytest.mark.parametrize(
    "refusal",
    [
        {"status": 503},
        {"content_type": "text/event-stream", "body": 'event: end\ndata: {"error": "unreachable"}\n\n'},
    ],
)
def test_a_log_goes_on_after_a_server_that_was_full_or_away(
    own: Served, project: str, page: Page, watch: Watch, refusal: dict[str, Any]
) -> None:
    watch.expect("/events/logs")
    page.route("**/events/logs?*", lambda route: route.fulfill(**refusal))
    with own.connect() as client:
        runs.create(client, "steps", STEPS, glob="/")
        page.goto(f"{project}/pipelines/steps/logs")
        expect(page.locator("#follow")).to_have_text("Reconnecting")
        page.unroute("**/events/logs?*")
        runs.put(client, {"/a": b"1"}, waits=False)
        expect(page.get_by_text("step 1", exact=True)).to_be_visible(
            timeout=20_000
        )  # it asks again after 5 s


def test_a_running_job_is_stopped_after_a_question(own: Served, project: str, page: Page, axe: Axe) -> None:
    with own.connect() as client:
        runs.create(client, "waits", LONG, glob="/")
        job = runs.put(client, {"/long": b"1"}, waits=False)
        page.goto(f"{project}/pipelines/waits/jobs/{job}")
        page.get_by_role("button", name="Stop…").click()
        assert axe.found(page) == []
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Stop…").click()
        page.get_by_role("button", name="Stop this job").click()
        expect(page.locator(".heading .state")).to_have_text("killed")
        assert runs.newest(client, "waits").job.id == job
    expect(page.get_by_role("button", name="Stop…")).to_have_count(0)


def test_a_job_is_replayed_and_its_page_tells_when_it_has_ended(
    own: Served, project: str, page: Page, axe: Axe
) -> None:
    with own.connect() as client:
        runs.create(client, "copy", [*LONG, "cp /pfs/in/* /pfs/out/"])
        job = runs.put(client, {"/a": b"1"})
    page.goto(f"{project}/pipelines/copy/jobs/{job}")
    page.get_by_role("button", name="Replay…").click()
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(page.get_by_text("Bit for bit the same")).to_be_visible()
    expect(page.locator("#replay")).to_have_count(1)
    assert axe.found(page) == []
    page.goto(f"{project}/pipelines/copy/logs")
    expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()


def test_a_pipeline_is_rerun_and_its_new_job_comes_by_itself(own: Served, project: str, page: Page) -> None:
    with own.connect() as client:
        runs.create(client, "copy", ["cp /pfs/in/* /pfs/out/"])
        runs.put(client, {"/a": b"1"})
    page.goto(f"{project}/pipelines/copy")
    jobs = page.locator("#recent ~ .scroll tbody tr")
    before = jobs.count()
    page.get_by_role("button", name="Rerun…").click()
    page.get_by_label("run every datum anew").check()
    page.get_by_role("button", name="Rerun", exact=True).click()
    expect(jobs).to_have_count(before + 1)
    expect(jobs.first.locator(".state")).to_have_text("success")


def test_lines_of_one_moment_are_shown_once_each(small: Served, page: Page) -> None:
    line = {"ts": "2999-01-01T00:00:00.000001Z", "job": "", "datum": "", "user": True}
    batches = [json.dumps([line | {"message": word}]) for word in ("one", "two")]
    body = "retry: 10\n\n" + "".join(f"event: lines\ndata: {batch}\n\n" for batch in batches)
    asked: list[Route] = []

    def tell(route: Route) -> None:
        asked.append(route)
        if len(asked) < 3:
            route.fulfill(body=body, content_type="text/event-stream")

    page.route(re.compile("/events/logs"), tell)
    page.goto(f"{small.url}/p/default/pipelines/sums/logs")
    while len(asked) < 3:
        page.evaluate("() => new Promise(requestAnimationFrame)")
    texts = page.locator(".lines .text").all_inner_texts()
    assert texts[-2:] == ["one", "two"]
    assert texts.count("one") == texts.count("two") == 1
