"""The graph of a project under somebody's hands."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from calf.wire.messages import pfs
from tests.browser import small_dag
from tests.browser.axe import Axe
from tests.browser.conftest import DRAWN, SIZE
from tests.browser.served import Served

SEEN = "() => document.getElementById('dag-svg').getAttribute('viewBox').split(' ').map(Number)"
OUTSIDE = """
() => [...document.querySelectorAll("a.box")].flatMap((box) => {
  const frame = box.parentElement.getBoundingClientRect();
  return [...box.children].filter((child) => {
    const it = child.getBoundingClientRect();
    return it.left < frame.left || it.right > frame.right || it.top < frame.top || it.bottom > frame.bottom;
  }).map((child) => child.textContent);
})
"""


def box(page: Page, name: str) -> Locator:
    return page.locator(f"[id='n:default/{name}'] a")


def seen(page: Page) -> list[float]:
    """The part of the picture that is seen: x, y, width, height."""
    found: list[float] = page.evaluate(SEEN)
    return found


@pytest.fixture
def graph(small: Served, page: Page) -> Page:
    page.goto(f"{small.url}/p/default")
    expect(page.locator("html.dag-on")).to_be_attached()
    return page


def test_each_box_says_how_it_stands_and_holds_its_words(graph: Page) -> None:
    expect(box(graph, "words")).to_contain_text("success")
    expect(box(graph, "breaks")).to_contain_text("failure")
    assert "breaks: " in str(box(graph, "breaks").get_attribute("title"))
    assert graph.evaluate(OUTSIDE) == []


def test_what_it_comes_from_and_what_comes_from_it_stands_out(graph: Page) -> None:
    box(graph, "words").hover()
    expect(graph.locator("#dag.tracing")).to_be_attached()
    near = graph.locator("a.box.near b")
    assert sorted(near.all_inner_texts()) == ["sums", "texts", "words"]
    assert graph.locator("#dag-edges .near").count() == 2
    graph.locator("h1").hover()
    expect(graph.locator("#dag.tracing")).to_have_count(0)


def test_a_click_opens_a_panel_that_the_url_remembers(graph: Page) -> None:
    box(graph, "words").click()
    panel = graph.locator("#dag-panel")
    expect(panel).to_contain_text("Made from texts.")
    expect(panel.get_by_role("link", name="Logs")).to_be_visible()
    assert "node=default%2Fwords" in graph.url
    graph.reload()
    expect(panel).to_contain_text("Made from texts.")
    graph.keyboard.press("Tab")
    panel.get_by_label("Close").click()
    expect(panel).to_be_hidden()
    assert "node" not in graph.url


def test_the_way_back_closes_the_panel_and_keeps_the_commit_set(graph: Page) -> None:
    graph.locator(".sets li[id] a").first.click()
    expect(graph.locator(".dag-what").last).to_contain_text("As of commit set")
    box(graph, "words").click()
    panel = graph.locator("#dag-panel")
    expect(panel).to_contain_text("Made from texts.")
    box(graph, "texts").click()
    expect(panel).to_contain_text("Upload")
    graph.go_back()
    expect(panel).to_be_hidden()
    assert "commit=" in graph.url
    assert "node" not in graph.url
    graph.go_forward()
    expect(panel).to_contain_text("Upload")


def test_the_wheel_moves_the_page_until_the_graph_is_taken_up(graph: Page) -> None:
    before = seen(graph)
    box(graph, "words").hover()
    graph.mouse.wheel(0, -240)
    graph.keyboard.down("Control")
    graph.mouse.wheel(0, -50)
    graph.keyboard.up("Control")
    graph.wait_for_function(f"() => ({SEEN})()[2] < {before[2] - 1}")
    assert seen(graph)[2] > before[2] / 1.3


def test_it_is_moved_and_zoomed_by_hand_wheel_buttons_and_keys(graph: Page) -> None:
    before = seen(graph)
    graph.get_by_role("button", name="Nearer").click()
    assert seen(graph)[2] < before[2]
    graph.locator("#dag").focus()
    graph.keyboard.press("-")
    assert seen(graph)[2] == pytest.approx(before[2])
    box(graph, "words").hover()
    graph.mouse.wheel(0, -240)
    graph.wait_for_function(f"() => ({SEEN})()[2] < {before[2] - 1}")
    near = seen(graph)
    frame = graph.locator("#dag-svg").bounding_box()
    assert frame is not None
    graph.mouse.move(frame["x"] + 20, frame["y"] + 20)
    graph.mouse.down()
    graph.mouse.move(frame["x"] + 80, frame["y"] + 40, steps=4)
    graph.mouse.up()
    assert seen(graph)[0] < near[0]
    graph.locator("#dag").focus()
    graph.keyboard.press("0")
    assert seen(graph)[2] == pytest.approx(before[2])


def test_moving_it_by_a_box_opens_nothing(graph: Page) -> None:
    frame = box(graph, "words").bounding_box()
    assert frame is not None
    graph.mouse.move(frame["x"] + 20, frame["y"] + 20)
    graph.mouse.down()
    graph.mouse.move(frame["x"] + 60, frame["y"] + 60, steps=4)
    graph.mouse.up()
    expect(graph.locator("#dag-panel")).to_be_hidden()
    assert graph.url.endswith("/p/default")


def test_arrows_go_from_box_to_box_and_enter_opens_one(graph: Page) -> None:
    box(graph, "texts").focus()
    graph.keyboard.press("ArrowRight")
    graph.keyboard.press("ArrowRight")
    expect(box(graph, "sums")).to_be_focused()
    graph.keyboard.press("Enter")
    expect(graph.locator("#dag-panel")).to_contain_text("Made from words.")
    graph.keyboard.press("Escape")
    expect(graph.locator("#dag-panel")).to_be_hidden()
    expect(box(graph, "sums")).to_be_focused()


def test_what_is_searched_for_is_marked(graph: Page) -> None:
    graph.get_by_label("Highlight boxes").fill("failure")
    expect(graph.locator("#dag-hits")).to_have_text("1 found")
    assert graph.locator("a.box.found b").all_inner_texts() == ["breaks"]
    assert "find=failure" in graph.url


def test_two_commit_sets_are_chosen_in_the_bar(graph: Page) -> None:
    newest = graph.locator(".sets li[id]").first
    newest.locator("a").first.click()
    expect(graph.locator(".dag-what").last).to_contain_text("which began with texts")
    graph.locator(".sets a.versus").first.click()
    expect(graph.locator(".dag-what").last).to_contain_text("What changed from")
    expect(graph.get_by_role("heading", name="What changed")).to_be_visible()
    graph.get_by_role("link", name="Back to now").click()
    expect(graph.locator(".sets .now a")).to_have_attribute("aria-current", "true")


def test_it_can_be_used_by_everybody_in_each_of_its_forms(graph: Page, axe: Axe) -> None:
    sets = [str(each.get_attribute("id"))[4:] for each in graph.locator(".sets li[id]").all()]
    where = graph.url
    forms = [
        "?show=table",
        f"?commit={sets[0]}",
        f"?commit={sets[0]}&against={sets[-1]}",
        "?node=default%2Fwords",
    ]
    wrong = []
    for form in ("", *forms):
        for theme in ("light", "dark"):
            graph.emulate_media(color_scheme=theme)
            graph.goto(where + form)
            wrong += [f"{form} {theme}: {each}" for each in axe.found(graph)]
    assert not wrong, "\n".join(wrong)


def test_a_page_that_stands_open_keeps_its_place_and_shows_what_is_new(own: Served, page: Page) -> None:
    with own.connect() as client:
        small_dag.fill(client)
        page.goto(f"{own.url}/p/default")
        expect(page.locator("#live")).to_have_text("Live")
        page.get_by_role("button", name="Nearer").click()
        box(page, "words").click()
        expect(page.locator("#dag-panel")).to_contain_text("Made from texts.")
        before = seen(page)
        small_dag.put(client, {"/d.txt": "fourth\n"})
        small_dag.wait(client)
    expect(page.locator(".sets li[id]")).to_have_count(5)
    expect(page.locator("#dag-panel .panel-list").first).to_contain_text("1 processed")
    assert seen(page) == before


def test_a_window_as_small_as_nothing_loses_no_graph(graph: Page) -> None:
    before = seen(graph)
    sizes: list[ViewportSize] = [{"width": 1, "height": 1}, SIZE]
    for size in sizes:
        graph.set_viewport_size(size)
        graph.wait_for_function(f"() => innerWidth === {size['width']}")
    after = seen(graph)
    assert [round(number) for number in after[:3]] == [round(number) for number in before[:3]]


def test_of_two_boxes_that_were_chosen_the_last_one_stands(graph: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    graph.route(re.compile("panel=default%2Fwords"), hold)
    box(graph, "words").click()
    box(graph, "sums").click()
    panel = graph.locator("#dag-panel h2")
    expect(panel).to_have_text("sums")
    with graph.expect_response(re.compile("panel=default%2Fwords")):
        held[0].continue_()
    graph.evaluate(DRAWN)
    expect(panel).to_have_text("sums")


def test_closing_the_panel_leaves_what_is_searched_for(graph: Page) -> None:
    box(graph, "words").click()
    expect(graph.locator("#dag-panel h2")).to_have_text("words")
    graph.get_by_label("Highlight boxes").fill("failure")
    graph.locator("#dag-close").click()
    expect(graph.locator("#dag-panel")).to_be_hidden()
    expect(graph.locator("#dag-hits")).to_have_text("1 found")
    expect(graph).to_have_url(re.compile(r"\?find=failure$"))


def test_after_the_graph_was_dragged_enter_opens_a_box(graph: Page) -> None:
    graph.locator("#dag").hover(position={"x": 5, "y": 5})
    graph.mouse.down()
    graph.mouse.move(300, 300, steps=5)
    graph.mouse.up()
    box(graph, "words").press("Enter")
    expect(graph.locator("#dag-panel h2")).to_have_text("words")


def test_a_drag_that_ends_elsewhere_has_ended(graph: Page) -> None:
    graph.locator("#dag").hover(position={"x": 5, "y": 5})
    graph.mouse.down()
    graph.locator("h1").hover()
    graph.mouse.up()
    before = seen(graph)
    for at in (10, 60):
        graph.locator("#dag").hover(position={"x": at, "y": at})
    assert seen(graph) == before


def test_a_box_is_found_by_its_state_and_by_no_other_word_of_its_looks(graph: Page) -> None:
    for text, found in (("box", 0), ("failure", 1), ("pipeline", 3)):
        graph.get_by_label("Highlight boxes").fill(text)
        expect(graph.locator("#dag-hits")).to_have_text(f"{found} found")


def test_whoever_saves_the_picture_waits_for_no_page(small: Served, page: Page) -> None:
    page.goto(f"{small.url}/p/default")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download SVG").click()
    assert saved.value.suggested_filename == "default-dag.svg"
    page.wait_for_timeout(400)
    expect(page.locator("html[data-loading]")).to_have_count(0)


def test_a_graph_that_begins_while_one_looks_is_moved_and_opened_as_any(own: Served, page: Page) -> None:
    page.goto(f"{own.url}/p/default")
    expect(page.locator("#live")).to_have_text("Live")
    for name in ("first", "again"):
        repo = small_dag.repo(name)
        with own.connect() as client:
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
            box(page, name).click()
            expect(page.locator("#dag-panel")).to_be_visible()
            before = seen(page)
            page.locator("[data-zoom=in]").click()
            assert seen(page) != before
            client.pfs.DeleteRepo(pfs.DeleteRepoRequest(repo=repo))
            page.get_by_text("Nothing is in this project yet").wait_for()
