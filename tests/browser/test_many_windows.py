"""A browser has six connections to one server: windows that are all seen share them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from calf.wire.messages import pfs
from tests.browser.served import Served
from tests.browser.test_live import make_project
from tests.browser.watching import Watch
from tests.web import runs

WINDOWS = 8
SEEN_OR_NOT = """Object.defineProperty(document, "hidden", { get: () => window.name === "behind" });"""
HIDE = """() => { window.name = "behind"; document.dispatchEvent(new Event("visibilitychange")); }"""
SHOW = """() => { window.name = ""; document.dispatchEvent(new Event("visibilitychange")); }"""
STEPS = ["for i in 1 2 3 4 5 6 7 8 9; do echo step $i; sleep 0.4; done"]


def close(window: Page) -> None:
    window.close()


def crash(window: Page) -> None:
    """End the window's process, which can tell nobody that it goes."""
    with pytest.raises(Error), window.expect_event("crash"):
        window.goto("chrome://crash")


def hide(window: Page) -> None:
    window.evaluate(HIDE)


@pytest.fixture
def streams(context: BrowserContext) -> list[str]:
    """What was asked of the server for each stream of changes that was begun."""
    begun: list[str] = []
    context.on("request", lambda asked: begun.append(asked.url) if "/events?" in asked.url else None)
    return begun


def open_live(context: BrowserContext, url: str) -> Page:
    window = context.new_page()
    window.add_init_script(SEEN_OR_NOT)
    window.goto(url)
    expect(window.locator("#live")).to_have_text("Live")
    return window


@pytest.mark.parametrize("end", [close, crash, hide])
def test_eight_windows_are_live_by_one_stream_whatever_becomes_of_the_one_that_has_it(
    own: Served, context: BrowserContext, streams: list[str], watch: Watch, end: Callable[[Page], None]
) -> None:
    watch.expect("chrome://crash")
    windows = [open_live(context, f"{own.url}/?all=1") for _ in range(WINDOWS)]
    assert len(streams) == 1
    context.new_page().goto(f"{own.url}/p/default/repos?show=system", timeout=5_000)
    make_project(own, "first")
    for window in windows:
        window.get_by_role("link", name="first").wait_for()
    end(windows[0])
    make_project(own, "second")
    for window in windows[1:]:
        window.get_by_role("link", name="second").wait_for()
        expect(window.locator("#live")).to_have_text("Live")


def test_windows_of_several_projects_are_told_of_their_own(
    own: Served, context: BrowserContext, streams: list[str]
) -> None:
    make_project(own, "cats")
    windows = [open_live(context, f"{own.url}/p/{name}/repos") for name in ("default", "cats", "default")]
    windows.append(open_live(context, f"{own.url}/?all=1"))
    asked = len(streams)
    assert streams[-1].endswith("/events?project=&project=cats&project=default")
    with own.connect() as client:
        for project, window in (("cats", windows[1]), ("default", windows[2])):
            repo = pfs.Repo(name=f"of-{project}", type="user", project=pfs.Project(name=project))
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
            window.get_by_role("link", name=f"of-{project}").wait_for()
    assert len(streams) == asked


def test_a_window_that_was_hidden_is_up_to_date_once_it_is_seen(own: Served, context: BrowserContext) -> None:
    first, other = (open_live(context, f"{own.url}/?all=1") for _ in range(2))
    for window in (first, other):
        hide(window)
    make_project(own, "meanwhile")
    for window in (other, first):
        window.evaluate(SHOW)
        window.get_by_role("link", name="meanwhile").wait_for()
    make_project(own, "later")
    for window in (first, other):
        window.get_by_role("link", name="later").wait_for()


def test_a_browser_without_locks_has_a_stream_for_each_window(
    own: Served, context: BrowserContext, streams: list[str]
) -> None:
    context.add_init_script("delete Navigator.prototype.locks")
    windows = [open_live(context, f"{own.url}/?all=1") for _ in range(2)]
    assert len(streams) == 2
    make_project(own, "first")
    for window in windows:
        window.get_by_role("link", name="first").wait_for()


def test_more_logs_than_there_are_connections_are_followed_by_turns(
    own: Served, context: BrowserContext
) -> None:
    with own.connect() as client:
        runs.create(client, "steps", STEPS, glob="/")
        url = f"{own.url}{runs.PROJECT}/pipelines/steps/logs"
        windows = [context.new_page() for _ in range(WINDOWS)]
        for window in windows:
            window.goto(url, timeout=5_000)
        runs.put(client, {"/a": b"1"}, waits=False)
        for window in windows:
            expect(window.get_by_text("step 9", exact=True)).to_be_visible(timeout=30_000)
            for number in range(1, 10):
                expect(window.get_by_text(f"step {number}", exact=True)).to_have_count(1)
