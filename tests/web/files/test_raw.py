from __future__ import annotations

import io
import tarfile

import pytest
from PIL import Image
from starlette.testclient import TestClient

from calf.web.files.raw import saved_as
from tests.web.files.conftest import REPO, Put

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<script>alert(1)</script><img src=http://example.org/x>"


def picture(size: tuple[int, int] = (4, 3), kind: str = "PNG", mode: str = "RGB", **more: object) -> bytes:
    output = io.BytesIO()
    Image.new(mode, size).save(output, kind, **more)
    return output.getvalue()


def test_a_file_is_saved_and_never_shown(web: TestClient, put: Put) -> None:
    commit = put({"/raw/page.html": HTML}, "raw")
    found = web.get(f"{REPO}/raw?commit={commit}&path=/raw/page.html")
    assert found.content == HTML
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["content-disposition"].startswith("attachment; filename=")
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in found.headers["content-security-policy"]
    assert found.headers["content-length"] == str(len(HTML))
    assert "immutable" in found.headers["cache-control"]


@pytest.mark.parametrize(
    ("asked", "status", "content", "where"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=4-400", 206, b"456789", "bytes 4-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-2", 416, b"", "bytes */10"),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_a_part_of_a_file_can_be_asked_for(
    web: TestClient, put: Put, asked: str, status: int, content: bytes, where: str | None
) -> None:
    put({"/ten": b"0123456789"}, "raw")
    found = web.get(f"{REPO}/raw?commit=raw&path=/ten", headers={"range": asked})
    assert (found.status_code, found.content) == (status, content)
    assert found.headers.get("content-range") == where


def test_a_folder_comes_as_an_archive(web: TestClient, put: Put) -> None:
    put({"/tar/a": b"1", "/tar/b/c": b"2"}, "raw")
    found = web.get(f"{REPO}/raw?commit=raw&path=/tar")
    with tarfile.open(fileobj=io.BytesIO(found.content)) as archive:
        names = {member.name.strip("/") for member in archive if member.isfile()}
    assert names == {"tar/a", "tar/b/c"}
    assert "tar.tar" in found.headers["content-disposition"]


def test_a_page_of_a_repo_may_do_nothing(web: TestClient, put: Put) -> None:
    put({"/raw/page.html": HTML}, "raw")
    found = web.get(f"{REPO}/raw?commit=raw&path=/raw/page.html&show=frame")
    policy = found.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script" not in policy
    assert found.headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["x.png", "x.svg", "x.jpg"])
def test_what_is_no_picture_is_not_sent_as_one(web: TestClient, put: Put, name: str) -> None:
    put({f"/no/{name}": SVG}, "raw")
    found = web.get(f"{REPO}/raw?commit=raw&path=/no/{name}&show=image")
    assert found.status_code == 400
    assert b"<script>alert(1)" not in found.content


def test_a_small_picture_is_sent_as_it_is_and_a_large_one_smaller(web: TestClient, put: Put) -> None:
    small = picture()
    put({"/p/s.png": small, "/p/l.jpg": picture((3000, 10), "JPEG"), "/p/b.tif": picture(kind="TIFF")}, "raw")
    assert web.get(f"{REPO}/raw?commit=raw&path=/p/s.png&show=image").content == small
    large = web.get(f"{REPO}/raw?commit=raw&path=/p/l.jpg&show=image")
    assert Image.open(io.BytesIO(large.content)).width == 2048
    other = web.get(f"{REPO}/raw?commit=raw&path=/p/b.tif&show=image")
    assert other.headers["content-type"] == "image/png"
    assert "default-src 'none'" in other.headers["content-security-policy"]


def test_sixteen_bits_a_pixel_are_shown_in_their_own_range(web: TestClient, put: Put) -> None:
    deep = Image.new("I;16", (2, 1))
    deep.putpixel((1, 0), 900)
    output = io.BytesIO()
    deep.save(output, "PNG")
    put({"/p/deep.png": output.getvalue()}, "raw")
    found = web.get(f"{REPO}/raw?commit=raw&path=/p/deep.png&show=thumb")
    assert found.status_code == 200, found.text


def test_a_bomb_is_refused_by_what_its_head_says(web: TestClient, put: Put) -> None:
    bomb = picture((8000, 8000), mode="1")
    put({"/p/bomb.png": bomb}, "raw")
    found = web.get(f"{REPO}/raw?commit=raw&path=/p/bomb.png&show=image")
    assert found.status_code == 400
    assert "8000 by 8000" in found.text


@pytest.mark.parametrize("cut", [20, 60, -1])
def test_a_broken_picture_is_an_error_that_says_so(web: TestClient, put: Put, cut: int) -> None:
    put({"/p/cut.png": picture((300, 300))[:cut]}, "raw")
    assert web.get(f"{REPO}/raw?commit=raw&path=/p/cut.png&show=thumb").status_code in (200, 400)
    assert web.get(f"{REPO}/files?commit=raw&path=/p/cut.png").status_code == 200


def test_names_cannot_add_headers() -> None:
    for name in ('a"b.txt', "a\r\nset-cookie: x", "\u202egnp.exe", "é" * 300, "\udcff", ";filename=x"):
        disposition = saved_as(name)["content-disposition"]
        assert disposition.isascii()
        assert disposition.isprintable()
        assert disposition.count('"') == 2


def test_a_download_that_goes_on_in_another_file_begins_anew(web: TestClient, put: Put) -> None:
    put({"/on": b"0123456789"}, "on")
    link, rest = f"{REPO}/raw?commit=on&path=/on", {"range": "bytes=5-"}
    before = web.get(link).headers["etag"]
    assert web.get(link, headers={**rest, "if-range": before}).content == b"56789"
    put({"/on": b"abcdefghij"}, "on")
    found = web.get(link, headers={**rest, "if-range": before})
    assert (found.status_code, found.content) == (200, b"abcdefghij")
