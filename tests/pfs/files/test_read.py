from __future__ import annotations

import io
import tarfile
import threading
from pathlib import Path

import pytest

from calf.kit.cancel import CancelToken
from calf.kit.errors import Cancelled, IntegrityError, InvalidArgument, NotFound, Unfinished
from calf.model.states import FileType
from calf.pfs import commits, files
from calf.pfs.files import AddFile, Page
from tests.pfs.files.shorthand import (
    NEVER,
    delete,
    differing,
    get,
    globbed,
    listed,
    modify,
    overwrite,
    put,
    walked,
)
from tests.pfs.world import World, ref


@pytest.fixture
def world(world: World) -> World:
    world.repo("data")
    modify(world, "data@master", put("/a/b/f3", "three"), put("/a/f2", "two"), put("/empty"))
    return world


def test_a_file_and_a_folder_are_inspected_with_or_without_a_slash(world: World) -> None:
    file = files.inspect_file(world.pfs, ref("data@master"), "/a/b/f3/", NEVER)
    assert (file.file.path, file.type, file.size) == ("/a/b/f3", FileType.FILE, 5)
    assert file.committed == world.info("data@master").finishing
    folder = files.inspect_file(world.pfs, ref("data@master"), "a", NEVER)
    assert (folder.file.path, folder.type, folder.size) == ("/a/", FileType.DIR, 8)
    assert len(file.hash) == len(folder.hash) == 32


def test_what_is_not_there_is_named_with_repo_and_commit(world: World) -> None:
    commit = world.head("data@master")
    for path in ("/nope", "/a/b/f3/x", "/a/../a/f2"):
        with pytest.raises(NotFound) as caught:
            files.inspect_file(world.pfs, ref("data@master"), path, NEVER)
        assert caught.value.message == f"file {path} not found in repo default/data at commit {commit.id}"
    modify(world, "data@empty", delete("/"))
    with pytest.raises(NotFound, match=r"^file / not found in repo"):
        files.inspect_file(world.pfs, ref("data@empty"), "/", NEVER)


def test_lists_give_children_a_file_itself_and_nothing_for_nothing(world: World) -> None:
    assert listed(world, "data@master:/") == ["/a/", "/empty"]
    assert listed(world, "data@master:/a") == ["/a/b/", "/a/f2"]
    assert listed(world, "data@master:/a/f2") == ["/a/f2"]
    assert listed(world, "data@master:/nope") == []
    modify(world, "data@empty")
    assert listed(world, "data@empty:/") == []


def test_lists_page_forward_and_backward(world: World) -> None:
    modify(world, "data@master", *(put(f"/n/{n}", "") for n in range(10)))
    assert listed(world, "data@master:/n", Page("/n/3", 2)) == ["/n/4", "/n/5"]
    assert listed(world, "data@master:/n", Page("/n/3", 2, True)) == ["/n/2", "/n/1"]
    assert listed(world, "data@master:/n", Page("", 2, True)) == ["/n/9", "/n/8"]
    assert walked(world, "data@master:/n", Page("/n/3", 2)) == ["/n/4", "/n/5"]
    assert walked(world, "data@master:/n", Page("/n/2", 9, True)) == ["/n/1", "/n/0", "/n/"]
    with pytest.raises(InvalidArgument, match=r"^number must be > 0 when reverse is true$"):
        Page("", 0, True)
    with pytest.raises(InvalidArgument):
        Page("", 100_001, True)


def test_a_walk_gives_the_start_and_folders_before_their_files(world: World) -> None:
    assert walked(world, "data@master:/a") == ["/a/", "/a/b/", "/a/b/f3", "/a/f2"]
    commit = world.head("data@master")
    with pytest.raises(NotFound) as caught:
        walked(world, "data@master:/nope")
    assert caught.value.message == f"commit/{commit.id} does not contain item: (/nope)"
    modify(world, "data@empty")
    assert walked(world, "data@empty:/") == []


def test_globs_match_files_and_folders_by_their_whole_path(world: World) -> None:
    assert globbed(world, "data@master:*") == ["/a/", "/empty"]
    assert globbed(world, "data@master:/a/*") == ["/a/b/", "/a/f2"]
    assert globbed(world, "data@master:**/f*") == ["/a/b/f3", "/a/f2"]
    assert globbed(world, "data@master:/") == ["/"]
    assert globbed(world, "data@master:**", "/a/b/", "/a/f2") == ["/a/b/", "/a/b/f3"]


def test_a_glob_that_matches_nothing_ends_when_nobody_waits_any_more(world: World) -> None:
    gone = CancelToken()
    gone.cancel()
    with pytest.raises(Cancelled):
        list(files.glob_file(world.pfs, ref("data@master"), "/**zzz*", gone))


def test_get_takes_exactly_one_file(world: World) -> None:
    assert get(world, "data@master:/a/f2") == "two"
    assert get(world, "data@master:/a/f?") == "two"
    assert get(world, "data@master:/empty") == ""
    assert get(world, "data@master:/a/b/f3", offset=2) == "ree"
    assert get(world, "data@master:/a/b/f3", offset=50) == ""
    with pytest.raises(InvalidArgument, match=r"^cannot get directory or non-regular file. Use GetFileTAR"):
        get(world, "data@master:/a")
    with pytest.raises(InvalidArgument, match=r"^matched multiple files. Use GetFileTAR instead$"):
        get(world, "data@master:/a/*")
    with pytest.raises(NotFound, match=r"^file /x. not found in repo"):
        get(world, "data@master:/x*")


def test_large_files_come_in_pieces_from_any_offset(world: World) -> None:
    data = bytes(range(256)) * 4096 * 7 + b"end"
    files.modify(
        world.pfs, ref("data@master"), [AddFile("/big", [data[:5_000_000], data[5_000_000:]])], NEVER
    )
    pieces = list(files.get(world.pfs, ref("data@master"), "/big", NEVER))
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) <= 2 << 20
    assert len(pieces) <= 6
    for offset in (1, 1 << 20, 3_333_333, len(data) - 1):
        assert (
            b"".join(files.get(world.pfs, ref("data@master"), "/big", NEVER, offset=offset)) == data[offset:]
        )


def test_a_tar_holds_matches_with_their_folders_once(world: World) -> None:
    long = "/a/" + "n" * 150
    modify(world, "data@master", put(long, "long"))
    data = b"".join(files.tar(world.pfs, ref("data@master"), "/a**", NEVER))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        # tarfile strips trailing slashes of folders
        assert archive.getnames() == ["/a", "/a/b", "/a/b/f3", "/a/f2", long]
        member = archive.extractfile("/a/b/f3")
        assert member is not None
        assert member.read() == b"three"
    assert data == b"".join(files.tar(world.pfs, ref("data@master"), "/a", NEVER))


def test_diff_with_the_parent_shows_what_came_changed_and_went(world: World) -> None:
    first = world.log("data")[-1]
    assert differing(world, f"data@{first.id}:/") == (["/", "/a/", "/a/b/", "/a/b/f3", "/a/f2", "/empty"], [])
    modify(world, "data@master", overwrite("/a/f2", "2"))
    assert differing(world, "data@master:/") == (["/", "/a/", "/a/f2"], ["/", "/a/", "/a/f2"])
    modify(world, "data@master", delete("/a/b/f3"))
    assert differing(world, "data@master:/a/b/f3") == ([], ["/a/b/f3"])
    modify(world, "data@master")
    assert differing(world, "data@master:/") == ([], [])
    assert differing(world, "data@master:/a", f"data@{first.id}:/a") == (
        ["/a/", "/a/f2"],
        ["/a/", "/a/b/", "/a/b/f3", "/a/f2"],
    )
    assert differing(world, "data@master:/a/f2", "data@master:/empty") == (["/a/f2"], ["/empty"])


def test_an_open_commit_shows_its_base_and_what_was_written(world: World) -> None:
    world.start("data@master")
    assert listed(world, "data@master:/") == ["/a/", "/empty"]
    modify(world, "data@master", put("/new", "x"))
    [info] = files.list_file(world.pfs, ref("data@master"), "/new", NEVER)
    assert info.committed == 0.0


def test_an_open_commit_on_an_open_base_cannot_be_read(world: World) -> None:
    first = world.pipeline("out", "data@master")
    second = modify(world, "data@master", put("/x", "x")).id
    with pytest.raises(
        Unfinished, match=rf"^base commit default/out@{first} for commit default/out@{second} unf"
    ):
        listed(world, "out@master:/")
    world.run(first)
    assert listed(world, "out@master:/") == []


def test_reading_a_commit_that_is_being_finished_waits_for_it(world: World) -> None:
    set_id = world.pipeline("out", "data@master")
    output = world.head("out@master")
    with world.pfs.transaction() as txn:
        commits.freeze(txn, output)
    found: list[list[str]] = []
    reader = threading.Thread(target=lambda: found.append(listed(world, "out@master:/")))
    reader.start()
    world.run(set_id)
    reader.join(10)
    assert found == [[]]


def test_flipped_bytes_are_noticed_and_named(tmp_path: Path) -> None:
    world = World.open(tmp_path / "other")
    world.repo("data")
    modify(world, "data@master", put("/f", "precious" * 1000))
    [pack] = [p for p in (tmp_path / "other/storage/packs").iterdir() if b"(\xb5/\xfd" in p.read_bytes()]
    raw = bytearray(pack.read_bytes())
    raw[raw.index(b"precious") + 3] ^= 1
    pack.write_bytes(raw)
    with pytest.raises(
        IntegrityError, match=r"cannot be read: its bytes in pack [0-9a-f]{64} at 8 have changed"
    ):
        get(world, "data@master:/f")
    world.pfs.close()
