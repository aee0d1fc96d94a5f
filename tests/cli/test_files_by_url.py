"""Files that the server reads from URLs and writes to URLs, as pachctl asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calf.daemon.build import Server, start
from calf.daemon.config import Config


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    for name in ("photos/cat.jpg", "photos/more/dog.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def server(tmp_path: Path, shared: Path) -> Iterator[Server]:
    """A server whose owner opened the folder `shared`."""
    config = Config(tmp_path / "home", "127.0.0.1:0", folders=(shared,))
    made = start(config, lambda _where, error: pytest.fail(str(error)))
    yield made
    made.stop()


@pytest.fixture
def images(pachctl: Any, shared: Path) -> str:
    pachctl("create", "repo", "images")
    return f"file://{shared}"


def names(pachctl: Any) -> list[str]:
    return [row[1] for row in pachctl("glob", "file", "images@master:/**.jpg").rows]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("images@master", ["/photos/cat.jpg", "/photos/more/dog.jpg"]),
        ("images@master:/", ["/cat.jpg", "/more/dog.jpg"]),
        ("images@master:/in", ["/in/cat.jpg", "/in/more/dog.jpg"]),
    ],
)
def test_a_folder_behind_a_url_is_placed_like_one_of_ours(
    pachctl: Any, images: str, target: str, expected: list[str]
) -> None:
    pachctl("put", "file", "-r", target, "-f", f"{images}/photos", "-p", "2")
    assert names(pachctl) == expected
    pachctl("put", "file", "-r", target, "-f", f"{images}/photos")
    assert pachctl("get", "file", f"images@master:{expected[0]}").out == "photos/cat.jpg"


def test_sources_are_listed_in_a_file_or_on_standard_input(
    pachctl: Any, images: str, tmp_path: Path, answer: Any
) -> None:
    listing = f"{images}/photos/cat.jpg\n\n{images}/photos/more/dog.jpg\n"
    (tmp_path / "list").write_text(listing)
    pachctl("put", "file", "images@master:/d/", "-i", str(tmp_path / "list"))
    answer(listing)
    pachctl("put", "file", "images@master:/e/", "-i", "-")
    assert names(pachctl) == ["/d/cat.jpg", "/d/dog.jpg", "/e/cat.jpg", "/e/dog.jpg"]


def test_what_the_server_cannot_read_is_told_with_the_way_out(pachctl: Any, images: str) -> None:
    ended = pachctl("put", "file", "images@master", "-f", "file:///etc/hostname", code=7)
    assert 'error retrieving content from "file:///etc/hostname"' in ended.err
    assert "--folder" in ended.err
    ended = pachctl("put", "file", "images@master", "-f", f"{images}/photos/nope", code=4)
    assert "does not exist" in ended.err


def test_files_are_written_out_to_a_url(pachctl: Any, images: str, shared: Path) -> None:
    pachctl("put", "file", "-r", "images@master:/", "-f", f"{images}/photos")
    assert pachctl("get", "file", "-r", "images@master:/", "-o", f"{images}/out").out == ""
    assert (shared / "out" / "more" / "dog.jpg").read_text() == "photos/more/dog.jpg"
    pachctl("get", "file", "images@master:/cat.jpg", "-o", f"{images}/one")
    assert [path.name for path in (shared / "one").iterdir()] == ["cat.jpg"]
    pachctl("get", "file", "-r", "images@master:/nope", "-o", f"{images}/none", code=4)
