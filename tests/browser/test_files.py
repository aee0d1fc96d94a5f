"""Files: put by hand, looked at, compared, and never run."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from calf.client.put import put_files
from calf.client.put_requests import Source
from calf.wire.messages import pfs
from tests.browser.served import Served
from tests.browser.small_dag import create, repo
from tests.browser.watching import Watch

DATA = "/p/default/repos/data"
EVIL = b"<h1>Shown</h1><script>parent.document.title = document.title = 'RAN'</script><img src=http://example.org/x>"


@pytest.fixture
def data(own: Served) -> Served:
    """A server with the empty repo `data`."""
    with own.connect() as client:
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("data")))
    return own


def put(served: Served, files: dict[str, bytes]) -> None:
    commit = pfs.Commit(branch=pfs.Branch(repo=repo("data"), name="master"))
    with served.connect() as client:
        sources = [Source(path, partial(io.BytesIO, content)) for path, content in files.items()]
        put_files(client, commit, sources)


def picture(colour: str) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(output, "PNG")
    return output.getvalue()


def test_a_folder_that_is_chosen_becomes_one_commit(data: Served, page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("first")
    (folder / "deep/b.bin").write_bytes(bytes(3_000_000))
    page.goto(f"{data.url}{DATA}/upload")
    page.locator("#folder").set_input_files(folder)
    expect(page.locator("#chosen")).to_contain_text("2 files")
    page.get_by_label("Message").fill("two files")
    page.get_by_role("button", name="Upload as one commit").click()
    expect(page.locator("#chosen")).to_be_empty()
    expect(page.get_by_label("Message")).to_be_empty()
    done = page.get_by_text("This is commit")
    follows = done.get_by_role("link", name="watch what follows").get_attribute("href")
    done.get_by_role("link").first.click()
    expect(page.locator(".message")).to_have_text("two files")
    expect(page.get_by_role("link", name="/photos/deep/b.bin")).to_be_visible()
    page.goto(f"{data.url}{follows}")
    expect(page.get_by_text("No pipeline reads what was committed.")).to_be_visible()


def test_what_is_uploaded_lies_where_pipelines_look_or_the_page_warns(
    data: Served, page: Page, tmp_path: Path
) -> None:
    with data.connect() as client:
        create(client, "reads", "data", "/images/(*).jpg", "true")
    put(data, {"/images/a.jpg": b"1", "/notes/n.txt": b"2"})
    folder = tmp_path / "more-pets"
    (folder / "images").mkdir(parents=True)
    (folder / "images/b.jpg").write_text("3")
    page.goto(f"{data.url}{DATA}/upload")
    page.locator("#folder").set_input_files(folder)
    expect(page.locator("#chosen")).to_contain_text(": /images/b.jpg")
    expect(page.get_by_label("Into folder")).to_have_value("/")
    expect(page.locator("#unread")).to_be_hidden()
    page.get_by_label("without more-pets/").uncheck()
    expect(page.locator("#chosen")).to_contain_text(": /more-pets/images/b.jpg")
    expect(page.locator("#unread")).to_contain_text("No pipeline looks there: /more-pets/images/b.jpg")
    page.get_by_label("without more-pets/").check()
    page.get_by_role("button", name="Upload as one commit").click()
    page.get_by_text("This is commit").get_by_role("link").first.click()
    expect(page.get_by_role("link", name="/images/b.jpg")).to_be_visible()


def test_a_cancelled_upload_has_put_nothing(data: Served, page: Page, tmp_path: Path, watch: Watch) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(20_000_000))
    page.goto(f"{data.url}{DATA}/upload")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    page.locator("#files").set_input_files(large)
    page.get_by_role("button", name="Upload as one commit").click()
    page.wait_for_function("() => document.getElementById('progress').value > 0")
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    asked.value.dismiss()  # the browser asks whether to go, since that would end it
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#outcome")).to_have_text("Cancelled: nothing was put.")
    with data.connect() as client:
        assert not list(client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo("data"), all=True)))
    page.goto(f"{data.url}{DATA}")
    expect(page.get_by_text("No commits yet.")).to_be_visible()


def test_a_name_that_cannot_be_is_told_before_anything_is_sent(
    data: Served, page: Page, tmp_path: Path
) -> None:
    bad = tmp_path / "a[1].txt"
    bad.write_text("x")
    page.goto(f"{data.url}{DATA}/upload")
    page.locator("#files").set_input_files(bad)
    expect(page.locator("#problems")).to_contain_text("characters of patterns")
    expect(page.get_by_role("button", name="Upload as one commit")).to_be_disabled()


def test_what_a_page_or_a_name_holds_never_runs(data: Served, page: Page, watch: Watch) -> None:
    watch.expect("Blocked script execution")
    watch.expect("example.org/x")
    name = "/<img src=x onerror=document.title='RAN'>.html"
    put(data, {name: EVIL})
    page.goto(f"{data.url}{DATA}/files?commit=master")
    page.locator("table.listing a").click()
    frame = page.frame_locator("iframe.document")
    expect(frame.get_by_role("heading", name="Shown")).to_be_visible()
    assert page.title() != "RAN"
    assert any("violates the following Content Security Policy" in each for each in watch.problems)
    page.get_by_role("link", name="Text").click()
    expect(page.locator(".source")).to_contain_text("<script>parent.document.title")
    assert page.title() != "RAN"


def test_two_pictures_are_compared_with_the_keyboard(data: Served, page: Page) -> None:
    put(data, {"/x.png": picture("red")})
    put(data, {"/x.png": picture("blue")})
    page.goto(f"{data.url}{DATA}/diff?new=master")
    page.get_by_role("link", name="/x.png").click()
    slider = page.get_by_role("slider")
    slider.focus()
    before = page.locator("figure img").nth(1).get_attribute("style")
    page.keyboard.press("ArrowRight")
    assert page.locator("figure img").nth(1).get_attribute("style") != before


def test_rows_of_commits_tell_what_changed_and_two_are_compared(data: Served, page: Page) -> None:
    put(data, {"/a": b"1", "/b": b"2"})
    put(data, {"/a": b"3"})
    page.goto(f"{data.url}{DATA}")
    expect(page.get_by_title("1 changed")).to_be_visible()
    expect(page.get_by_title("2 added")).to_be_visible()
    page.get_by_role("button", name="Compare the two chosen").click()
    expect(page.get_by_role("link", name="/a")).to_be_visible()
