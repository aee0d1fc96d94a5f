from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from calf.web import shipped

TEMPLATES = shipped.FOLDER.parent / "templates"
REPOSITORY = Path(__file__).parents[2]
VENDORED = [shipped.FOLDER / "vendor", REPOSITORY / "tests/browser/vendor"]
OURS = [
    file
    for folder in (shipped.FOLDER, TEMPLATES)
    for file in sorted(folder.rglob("*"))
    if file.is_file() and file.parent.name != "vendor"
]
LARGEST = 300_000
"""Bytes of a page with everything that it loads, uncompressed, but for plots."""
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.parent.name)
def test_what_others_wrote_is_what_its_list_says(folder: Path) -> None:
    listed = dict(
        re.findall(r"^\| (\S+) \|.*\| `([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.M)
    )
    there = {
        file.name: sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name != "README.md"
    }
    assert there == listed


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_no_page_of_ours_names_an_address_outside(file: Path) -> None:
    text = file.read_text()
    for namespace in NAMESPACES:
        text = text.replace(namespace, "")
    assert re.findall(r"(?:https?:)?//[\w-]+\.[\w.-]+", text) == []


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: file.name)
def test_no_template_has_script_or_style_in_it_or_trusts_what_it_shows(file: Path) -> None:
    text = file.read_text()
    assert (
        re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|\|\s*safe\b|javascript:", text) == []
    )


def test_styles_use_the_variables_that_they_define() -> None:
    styles = "".join(file.read_text() for file in sorted(shipped.FOLDER.glob("*.css")))
    used, defined = (set(re.findall(each, styles)) for each in (r"var\((--[\w-]+)", r"(--[\w-]+)\s*:"))
    assert used == defined


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: file.name)
def test_what_is_left_alone_on_a_live_page_has_an_id(file: Path) -> None:
    kept = re.findall(r"<[^>]*\sdata-keep\b[^>]*>", file.read_text())
    assert [tag for tag in kept if " id=" not in tag] == [], "else it is left in the place of something else"


def test_the_frame_of_a_page_leaves_room_for_what_it_shows(dashboard: TestClient) -> None:
    page = dashboard.get("/").text
    loaded = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', page))
    assert len(page.encode()) + sum(len(dashboard.get(link).content) for link in loaded) < LARGEST / 2


def test_a_browser_keeps_an_asset_until_its_bytes_change(dashboard: TestClient) -> None:
    link = shipped.asset("calf.css")
    assert "immutable" in dashboard.get(link).headers["cache-control"]
    unversioned = dashboard.get("/assets/calf.css")
    assert unversioned.headers["cache-control"] == "no-cache"
    outdated = dashboard.get("/assets/calf.css?v=0123456789")
    assert outdated.headers["cache-control"] == "no-cache"
    assert (
        dashboard.get("/assets/calf.css", headers={"if-none-match": unversioned.headers["etag"]}).status_code
        == 304
    )
    with pytest.raises(FileNotFoundError):
        shipped.asset("gone.css")


def test_nothing_beside_the_assets_is_served(dashboard: TestClient) -> None:
    for path in ("/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/vendor", "/assets/..%2fapp.py"):
        assert dashboard.get(path).status_code == 404
