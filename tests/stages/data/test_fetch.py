"""Fetching against a real HTTP server on this machine."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from data.fetch import FetchError, Pinned, fetch, read_pins, unpack

ROOT = Path(__file__).parents[3]
CONTENT = bytes(range(256)) * 400


@dataclass
class Home:
    """A server that has one file, may break off, and keeps which ranges it was asked for."""

    url: str = ""
    ranges: list[str | None] = field(default_factory=list)
    serves_ranges: bool = True
    break_after: int | None = None


@pytest.fixture
def home() -> Iterator[Home]:
    home = Home()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            home.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and home.serves_ranges else 0
            if start >= len(CONTENT):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(CONTENT) - start))
            self.end_headers()
            end = len(CONTENT) if home.break_after is None else start + home.break_after
            self.wfile.write(CONTENT[start:end])

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        home.url = f"http://127.0.0.1:{server.server_port}/images.tar.gz"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield home
        server.shutdown()
        thread.join()


def _pinned(home: Home, content: bytes = CONTENT) -> Pinned:
    return Pinned("images.tar.gz", home.url, hashlib.md5(content).hexdigest())


def test_what_is_fetched_is_verified_and_not_fetched_again(home: Home, tmp_path: Path) -> None:
    for _ in range(2):
        assert fetch(_pinned(home), tmp_path).read_bytes() == CONTENT
    assert home.ranges == [None]


def test_a_download_that_was_cut_off_goes_on_where_it_stopped(home: Home, tmp_path: Path) -> None:
    home.break_after = 50_000
    with pytest.raises(FetchError, match="cut off after 50000 of 102400 bytes; run this again"):
        fetch(_pinned(home), tmp_path)
    home.break_after = None
    assert fetch(_pinned(home), tmp_path).read_bytes() == CONTENT
    assert home.ranges == [None, "bytes=50000-"]


def test_a_server_that_knows_no_ranges_sends_it_all_again(home: Home, tmp_path: Path) -> None:
    (tmp_path / "images.tar.gz.partial").write_bytes(b"some")
    home.serves_ranges = False
    assert fetch(_pinned(home), tmp_path).read_bytes() == CONTENT


def test_a_download_that_was_whole_but_not_yet_verified_is_taken(home: Home, tmp_path: Path) -> None:
    (tmp_path / "images.tar.gz.partial").write_bytes(CONTENT)
    assert fetch(_pinned(home), tmp_path).read_bytes() == CONTENT


def test_an_archive_with_another_md5_is_put_aside(home: Home, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"is pinned; it was put aside as images\.tar\.gz\.wrong"):
        fetch(_pinned(home, b"other"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["images.tar.gz.wrong"]


def test_without_a_network_the_message_says_what_works_without(tmp_path: Path) -> None:
    pinned = Pinned("images.tar.gz", "http://127.0.0.1:9/images.tar.gz", "0" * 32)
    with pytest.raises(FetchError, match=r"cannot be reached.*make run.*draws animals by default"):
        fetch(pinned, tmp_path)


def test_only_plain_pictures_with_plain_names_are_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    names = (
        "images/Bengal_1.jpg",
        "annotations/trimaps/Bengal_1.png",
        "annotations/trimaps/._Bengal_1.png",
        "images/x.mat",
        "images/../../escaped.jpg",
        "/images/absolute.jpg",
    )
    with tarfile.open(archive, "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 3
            tar.addfile(member, io.BytesIO(b"abc"))
        link = tarfile.TarInfo("images/link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    unpack(archive, tmp_path / "out")
    found = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*g"))
    assert found == ["annotations/trimaps/Bengal_1.png", "images/Bengal_1.jpg"]
    assert not (tmp_path / "escaped.jpg").exists()


def test_the_dvc_files_pin_both_archives() -> None:
    assert {pinned.name: pinned.md5 for pinned in read_pins(ROOT / "data")} == {
        "images.tar.gz": "5c4f3ee8e5d25df40f4fd59a7f44e54c",
        "annotations.tar.gz": "95a8c909bbe2e81eed6a22bccdf3f68f",
    }
