"""What somebody asks who knows nothing but the link: is the model good, where does it fail, what made it?"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.served import Served
from tests.browser.watching import Watch


def test_the_reports_answer_a_newcomer_at_one_glance(real: Served, page: Page) -> None:
    page.goto(f"{real.url}/p/default/reports")
    good = page.locator(".model-summary .card").nth(0)
    expect(good).to_contain_text("mean_iou")
    expect(good).to_contain_text(re.compile(r"(accepted|refused) by release"))
    fails = page.locator(".model-summary .card").nth(1)
    expect(fails).to_contain_text("Worst class: ")
    picture = fails.locator("img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.model-summary img').naturalWidth > 100")
    expect(page.locator(".model-summary .card").nth(2)).to_contain_text("pets@")


def test_above_the_graph_stands_whether_the_model_is_good(real: Served, page: Page) -> None:
    page.goto(f"{real.url}/p/default")
    strip = page.get_by_role("region", name="Is the model good?")
    expect(strip).to_contain_text(re.compile("(accepted|refused).*mean_iou", re.DOTALL))
    expect(strip).to_contain_text(re.compile("worst: .+pets@.+What ran last", re.DOTALL))
    strip.get_by_role("link", name=re.compile("^mean_iou")).click()
    expect(page.locator("h1")).to_contain_text("Report evaluate@")


def test_a_report_is_opened_inside_and_runs_nothing(real: Served, page: Page) -> None:
    page.goto(f"{real.url}/p/default/reports")
    page.get_by_role("link", name="Open the report").click()
    inside = page.frame_locator("iframe.report")
    expect(inside.locator("h1")).to_have_text("How good is the pet segmentation model?")
    assert page.locator("iframe.report").get_attribute("sandbox") == ""


def test_two_runs_are_compared_from_the_list(real: Served, page: Page) -> None:
    page.goto(f"{real.url}/p/default/reports")
    page.get_by_role("button", name="Compare the two that are marked").click()
    expect(page.locator("main")).to_contain_text("params:/train.yaml")
    expect(page.get_by_role("row", name=re.compile("^epochs params"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^mean_iou"))).to_be_visible()
    beside = page.get_by_role("region", name=re.compile("evaluate .*curves.png"))
    expect(beside.locator("img")).to_have_count(2)


def test_metrics_that_cannot_be_drawn_stand_in_the_table(real: Served, page: Page, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    page.route("**/metrics.json*", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.goto(f"{real.url}/p/default/metrics")
    expect(page.locator("main tbody tr").first).to_be_visible()


def test_metrics_are_drawn_and_stand_in_the_table(real: Served, page: Page) -> None:
    page.goto(f"{real.url}/p/default/metrics")
    expect(page.locator("#curves canvas").first).to_be_visible()
    page.get_by_label("Name", exact=True).press_sequentially("nll")
    page.get_by_role("link", name="nll", exact=True).click()
    expect(page.get_by_role("columnheader", name=re.compile("^nll"))).to_be_visible()
    expect(page.locator("#curves h3").filter(has_text="nll")).to_be_visible()


def test_from_the_release_to_the_photo_by_clicks_alone(real: Served, page: Page) -> None:
    """And the engine is asked whether what is signed about the release holds."""
    page.goto(f"{real.url}/p/default/releases")
    page.locator("tbody th a").first.click()
    page.get_by_role("button", name="Verify").click()
    expect(page.locator("#verified")).to_contain_text(re.compile("verified"), timeout=60_000)
    page.get_by_role("link", name="Lineage", exact=True).click()
    for source in ("evaluate:/", "split:/test"):
        page.locator(".inputs a").filter(has_text=source).first.click()
        expect(page.locator("h1")).to_contain_text("Lineage of")
    page.locator(".files a").first.click()
    page.locator(".files a").filter(has_text="image.png").click()
    page.locator(".inputs a").filter(has_text="ingest:/").first.click()
    page.locator(".files a").filter(has_text="/samples").click()
    page.locator(".files a").first.click()
    page.locator(".files a").filter(has_text="image.png").click()
    page.locator(".inputs a").filter(has_text="pets:/images/").click()
    expect(page.get_by_role("heading", name="Put in by people")).to_be_visible()


def test_the_graph_of_a_lineage_leads_on(real: Served, page: Page) -> None:
    page.goto(f"{real.url}/p/default/releases")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Lineage", exact=True).click()
    page.locator(".chain a").filter(has_text="pets").click()
    expect(page.locator("h1")).to_contain_text("Lineage of")
    expect(page.locator(".chain a[aria-current]")).to_contain_text("pets")


def test_from_a_photo_to_the_decision_and_back(real: Served, page: Page) -> None:
    page.goto(f"{real.url}/p/default/repos/pets/lineage?commit=master&path=/images")
    page.locator(".files a").first.click()
    photo = page.locator("h1").inner_text()
    page.locator(".chain a").filter(
        has_text=re.compile("release.*(accepted|refused)", re.DOTALL)
    ).first.click()
    expect(page.locator("h1")).to_contain_text("Lineage of release@")
    expect(page.locator("main > p .state")).to_have_text(re.compile("accepted|refused"))
    page.locator(".chain a").filter(has_text="pets").click()
    expect(page.locator("h1")).to_have_text(photo)


def test_on_a_phone_the_graph_of_a_lineage_begins_where_one_is(real: Served, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{real.url}/p/default/releases")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Lineage", exact=True).click()
    expect(page.locator(".chain a[aria-current]")).to_be_in_viewport(ratio=1)


def test_an_axis_shows_where_the_values_lie(real: Served, page: Page) -> None:
    page.goto(f"{real.url}/p/default/metrics")
    source = "script[src*='/reports.']"
    ask = "async ([at, data]) => (await import(document.querySelector(at).src)).limits(data)"
    for values, least, most in (([0.75, 0.75], 0.6, 0.9), ([0.4, 1], 0.2, 1.05), ([0, 0.02], -0.01, 0.03)):
        low, high = page.evaluate(ask, [source, [[0, 1], values]])
        assert least < low < min(values), values
        assert max(values) < high < most, values


def test_a_plot_is_as_wide_as_its_place_when_the_window_turns(real: Served, page: Page) -> None:
    page.goto(f"{real.url}/p/default/metrics")
    expect(page.locator("#curves canvas").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(
        "() => [...document.querySelectorAll('.curve canvas')].every((each) =>"
        " each.getBoundingClientRect().right < each.closest('.curve').getBoundingClientRect().right)"
    )
    assert page.locator("#curves canvas").first.bounding_box()["width"] > 250  # type: ignore[index]


def test_a_report_moves_alone_on_a_large_screen_and_is_opened_alone_on_a_phone(
    real: Served, page: Page
) -> None:
    page.goto(f"{real.url}/p/default/reports")
    page.get_by_role("link", name="Open the report").click()
    expect(page.locator("iframe.report")).to_be_visible()
    moves = "() => document.documentElement.scrollHeight > innerHeight"
    assert page.evaluate(moves) is False
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("iframe.report")).to_be_hidden()
    page.get_by_role("link", name="Open the report").click()
    expect(page.locator("h1")).to_have_text("How good is the pet segmentation model?")
