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


def test_on_a_phone_the_graph_comes_before_its_table_and_rows_are_cards(small: Served, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{small.url}/p/default")
    graph, row = page.locator("#dag").bounding_box(), page.locator("#dag-table tbody tr").first
    cells = [cell.bounding_box() for cell in row.locator("th, td:not(:empty)").all()]
    assert graph is not None
    assert all(cell is not None and cell["y"] > graph["y"] + graph["height"] for cell in cells)
    assert len({cell["y"] for cell in cells if cell}) == len(cells), "each cell has a line of its own"


def test_on_a_phone_the_name_of_a_card_comes_first(small: Served, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{small.url}/p/default/repos/texts")
    row = page.locator("tr[id^=commit-]").first
    name, choice = row.locator("th").bounding_box(), row.locator("input").first.bounding_box()
    assert name is not None
    assert choice is not None
    assert name["y"] < choice["y"]


def test_times_of_a_chart_stand_at_their_lines(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default/jobs")
    page.locator("tbody th a").first.click()
    lines = (
        page.locator("tbody tr")
        .first.locator("rect.tick")
        .evaluate_all("all => all.map(each => each.getBoundingClientRect().left)")
    )
    middles = page.locator(".scale text").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect()).map(box => box.left + box.width / 2)"
    )
    assert len(lines) == len(middles) > 1
    for line, middle in list(zip(lines, middles, strict=True))[1:-1]:
        assert abs(line - middle) < 2
