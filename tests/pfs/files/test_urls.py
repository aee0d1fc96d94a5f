"""What the server reads from URLs into commits, and writes from commits out to URLs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import Cancelled, Denied, InvalidArgument, NotFound
from calf.pfs import files
from calf.pfs.files import FetchFile, PathRange
from calf.storage.remote import Remotes
from tests.pfs.files.shorthand import NEVER, delete, get, modify, put, walked
from tests.pfs.world import World, ref


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


@pytest.fixture
def reach(world: World, outside: Path) -> World:
    """The world, whose owner opened the folder `outside`."""
    world.repo("data")
    return replace(world, pfs=replace(world.pfs, remotes=Remotes(folders=(outside,))))


def test_a_file_comes_from_a_url(reach: World, outside: Path) -> None:
    (outside / "a").write_bytes(b"one")
    modify(reach, "data@master", put("/f", "zero "), FetchFile("/f", f"file://{outside}/a"))
    assert get(reach, "data@master:/f") == "zero one"


def test_a_folder_comes_with_all_that_is_in_it(reach: World, outside: Path) -> None:
    big = bytes(range(256)) * 20_000
    (outside / "deep" / "er").mkdir(parents=True)
    (outside / "big").write_bytes(big)
    (outside / "deep" / "er" / "x").write_bytes(b"x")
    for number in range(20):
        (outside / "deep" / f"{number:02}").write_text(str(number))
    modify(reach, "data@master", FetchFile("/in", f"file://{outside}", recursive=True, concurrency=3))
    paths = [path for path in walked(reach, "data@master:/") if not path.endswith("/")]
    assert paths == ["/in/big", *(f"/in/deep/{number:02}" for number in range(20)), "/in/deep/er/x"]
    assert get(reach, "data@master:/in/deep/07") == "7"
    assert b"".join(files.get(reach.pfs, ref("data@master"), "/in/big", NEVER)) == big


def test_a_folder_may_go_to_the_root(reach: World, outside: Path) -> None:
    (outside / "a").write_bytes(b"one")
    modify(reach, "data@master", FetchFile("/", f"file://{outside}", recursive=True))
    assert get(reach, "data@master:/a") == "one"


@pytest.mark.parametrize(
    ("url", "recursive", "error", "text"),
    [
        ("{outside}/nothing", False, NotFound, "{outside}/nothing does not exist"),
        ("{outside}/nothing", True, NotFound, "there are no files"),
        ("{outside}/..", True, Denied, "is in no folder that this server opens"),
        ("ftp://host/x", False, InvalidArgument, "unknown kind of URL"),
        ("{outside}/odd", True, InvalidArgument, "globbing character"),
    ],
)
def test_what_cannot_be_read_changes_nothing(
    reach: World, outside: Path, url: str, recursive: bool, error: type[Exception], text: str
) -> None:
    (outside / "odd").mkdir()
    (outside / "odd" / "a*").write_bytes(b"")
    url = url.replace("{outside}", f"file://{outside}")
    with pytest.raises(error) as caught:
        modify(reach, "data@master", put("/f", "x"), FetchFile("/g", url, recursive=recursive))
    assert str(caught.value).startswith(f'error retrieving content from "{url}": ')
    assert text.replace("{outside}", str(outside)) in str(caught.value)
    assert reach.log("data") == []


def test_a_client_that_goes_away_stops_the_fetching(reach: World, outside: Path) -> None:
    (outside / "a").write_bytes(b"one")
    gone = CancelToken()
    gone.cancel()
    with pytest.raises(Cancelled):
        files.modify(reach.pfs, ref("data@master"), [FetchFile("/f", f"file://{outside}/a")], gone)
    assert reach.log("data") == []


def test_files_are_written_out_at_their_whole_paths(reach: World, outside: Path) -> None:
    modify(reach, "data@master", put("/a/b/c", "see"), put("/a/d", "dee"), put("/e", "ee"))
    (outside / "e").write_bytes(b"old")
    written = files.export(reach.pfs, ref("data@master"), "/", f"file://{outside}", NEVER)
    assert written == len("seedeeee")
    found = {
        str(path.relative_to(outside)): path.read_text() for path in outside.rglob("*") if path.is_file()
    }
    assert found == {"a/b/c": "see", "a/d": "dee", "e": "ee"}


def test_globs_and_ranges_choose_what_is_written_out(reach: World, outside: Path) -> None:
    modify(reach, "data@master", *(put(f"/{name}/f", name) for name in "abcd"))

    def export(path: str, between: PathRange) -> int:
        return files.export(reach.pfs, ref("data@master"), path, f"file://{outside}", NEVER, between)

    assert export("/[bcd]", PathRange("", "/d")) == 2
    assert sorted(path.name for path in outside.iterdir()) == ["b", "c"]
    with pytest.raises(NotFound):
        export("/z", PathRange())


def test_an_empty_commit_writes_nothing_out(reach: World, outside: Path) -> None:
    modify(reach, "data@master", delete("/nothing"))
    assert files.export(reach.pfs, ref("data@master"), "/", f"file://{outside}", NEVER) == 0
