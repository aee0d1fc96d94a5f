"""A real browser before a real dashboard of a real server.

`small` and `real` are servers (`Served`) whose tests may only look; who changes something takes `own`. `page`
is a page of the browser that fails the test on whatever must not happen (`watching.Watch`).
`CHROMIUM` names another browser than Debian's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.browser import real_dag, small_dag
from tests.browser.axe import Axe
from tests.browser.served import Served, serve
from tests.browser.watching import Watch

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SCREENSHOTS = Path(__file__).parents[2] / ".cache/screenshots"
SIZE: ViewportSize = {"width": 1280, "height": 800}
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Ends when what was asked of the window has been drawn, so its scripts have heard of it."""
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""There is no network: no name leads anywhere."""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the small DAG."""
    with serve(tmp_path_factory.mktemp("small") / "home") as made:
        with made.connect() as client:
            small_dag.fill(client)
        yield made


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server on which the seven stages have run twice."""
    if lack := real_dag.missing():
        pytest.skip(lack)
    with serve(real_dag.lay(tmp_path_factory.mktemp("real") / "home")) as made:
        yield made


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """A fresh server of the test's own."""
    with serve(tmp_path / "home") as made:
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no browser at {CHROMIUM}: name one with CHROMIUM=")
    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", ALONE])
        yield made
        made.close()


@pytest.fixture
def watch() -> Watch:
    """What is noted on pages; a test says here what it expects."""
    return Watch(set())


@pytest.fixture
def context(browser: Browser, watch: Watch, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser with nothing remembered."""
    for name in ("small", "real", "own"):
        if name in request.fixturenames:
            served: Served = request.getfixturevalue(name)
            watch.hosts.add(served.url.removeprefix("http://"))
    made = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    made.set_default_timeout(10_000)
    watch.over(made)
    yield made
    made.close()
    assert watch.found() == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of that browser."""
    return context.new_page()


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Finds what keeps people out."""
    return Axe()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of pages go, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
