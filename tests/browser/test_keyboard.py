from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from calf.web import links
from tests.browser.served import Served

MOVED_SIDEWAYS = """
() => [...document.querySelectorAll("main, main .scroll, main table, main pre")]
  .filter((it) => it.scrollWidth > it.clientWidth + 1).map((it) => it.outerHTML.slice(0, 80))
"""


def ready(page: Page) -> None:
    """Wait until keys are heard: their script comes after the page."""
    expect(page.locator("#keys-button")).to_be_visible()


def test_a_slash_finds_and_goes_there(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/search?q=s")
    ready(page)
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("words@master")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/p/default/repos/words/commit"))


def test_g_and_a_letter_goes_to_a_page(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/search")
    ready(page)
    for key, path in (
        ("r", "/p/default/repos"),
        ("p", "/p/default/pipelines"),
        ("j", "/p/default/jobs"),
        ("h", "/?all=1"),
    ):
        ready(page)
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page).to_have_url(small.url + path)


def test_j_and_k_move_in_a_table_and_enter_opens(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/search?q=s")
    ready(page)
    links = page.locator("main tbody a")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/p/default/pipelines/breaks"))


def test_letters_in_a_field_are_letters(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/search")
    ready(page)
    page.locator("#search").fill("")
    page.locator("#search").press_sequentially("gr?j/t")
    expect(page.locator("#search")).to_have_value("gr?j/t")
    expect(page).to_have_url(f"{small.url}/p/default/search")


def test_a_question_mark_shows_the_keys(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/search")
    ready(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_the_first_stop_leads_past_the_menu(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/search?q=s")
    ready(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_theme_that_was_chosen_stays(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/")
    ready(page)
    button = page.get_by_role("button", name="Theme: system")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    button.click()
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_what_one_types_is_suggested_and_reached_by_tab(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/repos")
    ready(page)
    page.keyboard.press("/")
    page.keyboard.type("wor")
    suggested = page.locator(".suggestions a")
    expect(suggested.first).to_contain_text("words")
    page.keyboard.press("Tab")
    expect(suggested.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/p/default/(repos|pipelines)/words"))


def test_a_table_wider_than_a_phone_scrolls_in_its_place(small: Served, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{small.url}{links.files('default', 'texts', 'master', '/notes.md', view='bytes')}")
    ready(page)
    wide = page.locator(".too-wide")
    expect(wide).to_have_count(1)
    assert wide.evaluate("it => it.scrollWidth > it.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1600, "height": 700})
    expect(wide).to_have_count(0)


@pytest.mark.parametrize("path", ["repos", "repos/texts", "pipelines/words", "pipelines/words/spec"])
def test_on_a_phone_rows_are_cards_that_nobody_has_to_move(small: Served, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(f"{small.url}/p/default/{path}")
    ready(page)
    page.evaluate("() => document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    assert page.evaluate(MOVED_SIDEWAYS) == []


def test_what_no_key_stands_for_does_nothing(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/search")
    ready(page)
    for key in ('"', "\\", "]"):
        page.keyboard.press("g")
        page.keyboard.press(key)
    expect(page).to_have_url(f"{small.url}/p/default/search")


def test_whoever_closes_the_list_of_keys_waits_for_nothing(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/search")
    ready(page)
    page.keyboard.press("?")
    page.get_by_role("button", name="Close").click()
    page.wait_for_timeout(400)
    expect(page.locator("html[data-loading]")).to_have_count(0)


def test_letters_in_the_list_of_keys_lead_nowhere(small: Served, page: Page) -> None:
    page.goto(f"{small.url}{links.files('default', 'texts', 'master', '/b.txt')}")
    ready(page)
    page.keyboard.press("?")
    page.keyboard.press("p")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("n")
    expect(page.locator(".beside a[rel=prev]")).to_contain_text("b.txt")


def test_what_may_not_be_copied_and_a_clock_that_is_behind_make_no_error(own: Served, page: Page) -> None:
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new DOMException('no'))")
    page.add_init_script("const now = Date.now; Date.now = () => now() - 30_000")
    page.goto(f"{own.url}/p/default")
    button = page.get_by_role("button", name="Copy")
    button.click()
    expect(page.get_by_role("button", name="Not allowed")).to_be_visible()
    page.goto(f"{own.url}/?all=1")
    ready(page)
    page.evaluate("document.dispatchEvent(new CustomEvent('calf:shown'))")  # as each second
    expect(page.locator("main time").first).to_have_text("less than a second ago")
