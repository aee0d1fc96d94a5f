"""A browser has six connections to one server: tabs behind hold none of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.served import Served

TABS = 7
LIVE = ("/?all=1", "#live", "Live")
LOG = ("/p/default/pipelines/sums/logs", "#follow", "Lines come as they are printed")
# Without a screen Chromium holds every tab for seen; `name` is the tab's own, and outlives its pages.
SEEN_OR_NOT = """
Object.defineProperty(document, "hidden", { get: () => window.name === "behind" });
"""
TURN = """(name) => { window.name = name; document.dispatchEvent(new Event("visibilitychange")); }"""


@pytest.fixture
def tabs(context: BrowserContext) -> BrowserContext:
    """A browser whose tabs are behind while their name says so."""
    context.add_init_script(SEEN_OR_NOT)
    return context


def turn_away(tab: Page) -> None:
    """Put the tab behind the others."""
    tab.evaluate(TURN, "behind")


def turn_to(tab: Page) -> None:
    """Bring the tab to the front."""
    tab.evaluate(TURN, "")


@pytest.mark.parametrize(("path", "sign", "words"), [LIVE, LOG])
def test_tabs_that_were_left_hold_no_stream(
    small: Served, tabs: BrowserContext, path: str, sign: str, words: str
) -> None:
    opened = []
    for _ in range(TABS):
        tab = tabs.new_page()
        tab.goto(f"{small.url}{path}")
        expect(tab.locator(sign)).to_have_text(words)
        turn_away(tab)
        opened.append(tab)
    front = tabs.new_page()
    front.goto(f"{small.url}/")
    front.close()  # else it has the stream of changes for all
    with opened[0].expect_response(lambda answer: "/events" in answer.url):
        turn_to(opened[0])


@pytest.mark.parametrize(("path", "sign", "words"), [LIVE, LOG])
def test_tabs_that_were_opened_behind_listen_once_they_are_seen(
    small: Served, tabs: BrowserContext, path: str, sign: str, words: str
) -> None:
    opened = []
    for _ in range(TABS):
        tab = tabs.new_page()
        tab.add_init_script("window.name = 'behind'")
        tab.goto(f"{small.url}{path}")
        opened.append(tab)
    tabs.new_page().goto(f"{small.url}/")
    expect(opened[0].locator(sign)).not_to_have_text(words)
    turn_to(opened[0])
    expect(opened[0].locator(sign)).to_have_text(words)
