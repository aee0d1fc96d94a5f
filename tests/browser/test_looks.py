"""Small things that an eye stumbles over."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.served import Served

UNDERLINED = "links => links.map(link => getComputedStyle(link).textDecorationLine)"


def lines_below(links: Locator) -> set[str]:
    """How the links are underlined."""
    expect(links.nth(1)).to_be_visible()
    return set(links.evaluate_all(UNDERLINED))


def test_tabs_that_have_room_do_not_scroll(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/pipelines/sums")
    tabs = page.locator("nav.tabs").first
    expect(tabs).to_be_visible()
    assert tabs.evaluate("bar => bar.scrollHeight - bar.clientHeight") == 0


def test_links_of_one_group_look_alike(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/jobs")
    assert lines_below(page.locator("td.chips a.chip")) == {"none"}
    cell = page.locator("td.chips").first
    cell.evaluate("cell => cell.innerHTML = '<a href=/1>one</a>, <a href=/2>two</a> <a href=/>and more</a>'")
    assert lines_below(cell.locator("a")) == {"underline"}
