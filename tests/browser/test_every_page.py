"""Every page that somebody can reach from the first one."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import real_dag
from tests.browser.axe import Axe
from tests.browser.conftest import DRAWN, SIZE
from tests.browser.served import Served
from tests.browser.walking import Walk, walk
from tests.browser.watching import Watch

LARGEST = 300_000
PHONE: ViewportSize = {"width": 390, "height": 800}
_walk = cache(walk)


@pytest.fixture(params=["small", "real"])
def served(request: pytest.FixtureRequest) -> Served:
    made: Served = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def walked(served: Served) -> Walk:
    """All pages of the server."""
    return _walk(served.url)


def test_each_link_leads_to_a_page_that_has_a_twin(walked: Walk) -> None:
    assert not walked.bad, "\n".join(walked.bad)
    assert walked.twins > 5


def test_each_kind_of_page_can_be_used_by_everybody_and_is_light(
    walked: Walk, served: Served, page: Page, axe: Axe, screenshots: Path, request: pytest.FixtureRequest
) -> None:
    """In light and dark, on a large screen and a small one; its picture is taken, to be looked at."""
    wrong = []
    for kind, links in walked.pages.items():
        if "/repos/…/" in kind and request.node.callspec.id == "small" and not real_dag.missing():
            continue  # the other server has more of them
        page.goto(served.url + links[0])
        page.wait_for_function("() => document.readyState === 'complete'")
        wrong += [f"{links[0]}: {each}" for each in axe.found(page)]
        picture(page, screenshots, served, kind, "light")
        page.emulate_media(color_scheme="dark")
        wrong += [f"{links[0]}, dark: {each}" for each in axe.found(page, "color-contrast")]
        picture(page, screenshots, served, kind, "dark")
        page.set_viewport_size(PHONE)
        page.evaluate(DRAWN)  # the window's scripts have heard of its size
        wrong += [f"{links[0]}, phone, dark: {each}" for each in axe.found(page)]
        page.emulate_media(color_scheme="light")
        wrong += [f"{links[0]}: wider than a phone" for _ in range(too_wide(page))]
        picture(page, screenshots, served, kind, "phone")
        page.set_viewport_size(SIZE)
        sizes = weights(page)
        if sum(sizes.values()) > LARGEST:
            wrong.append(f"{links[0]}: {sum(sizes.values())} bytes: {sizes}")
    assert not wrong, "\n".join(wrong)


def too_wide(page: Page) -> bool:
    """Whether the page as a whole, or all of what it shows, must be moved sideways."""
    wide: bool = page.evaluate(
        "() => [document.documentElement, document.querySelector('main')]"
        ".some((each) => each.scrollWidth > each.clientWidth)"
    )
    return wide


def weights(page: Page) -> dict[str, int]:
    """Bytes of a page and of all that it loaded, uncompressed, but for pictures, frames and plots."""
    found: list[dict[str, object]] = page.evaluate(
        "() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".map((each) => ({ name: each.name, size: each.decodedBodySize }))"
    )
    sizes = {str(each["name"]): int(str(each["size"])) for each in found}
    return {name: size for name, size in sizes.items() if not re.search(r"/raw[?]|uplot|/events", name)}


def picture(page: Page, folder: Path, served: Served, kind: str, theme: str) -> None:
    """Take a picture of the page as it is."""
    name = (
        re.sub(r"[^a-z0-9.]+", "-", f"{served.home.parent.name.rstrip('0')}-{kind}".lower()).strip("-")
        or "first"
    )
    page.screenshot(path=folder / f"{name}.{theme}.png", animations="disabled")


def test_a_page_that_is_not_there_offers_what_may_be_meant(small: Served, page: Page, watch: Watch) -> None:
    watch.expect("status of 404")
    page.goto(f"{small.url}/p/default/repos/text")
    page.get_by_role("link", name="texts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("texts")


def test_pages_are_of_use_without_script(small: Served, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{small.url}/?all=1")
    page.get_by_role("link", name="default").click()
    page.get_by_role("navigation", name="Project").get_by_role("link", name="Repos").click()
    page.get_by_role("link", name="texts").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("texts")
    page.get_by_role("searchbox").fill("texts@master:/a.txt")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("main")).to_contain_text("first")
    context.close()
