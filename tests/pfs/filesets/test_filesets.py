"""Filesets: what they hold, how they are laid on commits and on each other, and how long they live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from calf.model.errors import InvalidArgument, NotFound, WrongState
from calf.pfs import files
from calf.pfs.engine import Pfs
from calf.pfs.files import Op, PathRange, PutFiles
from calf.pfs.filesets.create import create
from calf.pfs.filesets.lay import compose, lay
from calf.pfs.filesets.lifetime import reference, renew
from calf.pfs.filesets.shard import shard
from calf.pfs.filesets.take import Part, take
from tests.pfs.files.shorthand import NEVER, copy, delete, get, modify, overwrite, put
from tests.pfs.world import World, ref


@pytest.fixture
def data(world: World) -> World:
    world.repo("data")
    return world


def made(world: World, *ops: Op | Sequence[Op]) -> str:
    flat = [op for each in ops for op in (each if isinstance(each, tuple) else (each,))]
    return create(world.pfs, flat, NEVER).id


def held(pfs: Pfs, fileset_id: str) -> dict[str, str]:
    found = files.walk_file(pfs, reference(fileset_id), "/", NEVER)
    paths = [info.file.path for info in found if not info.file.path.endswith("/")]
    return {path: text(pfs, fileset_id, path) for path in paths}


def text(pfs: Pfs, fileset_id: str, path: str) -> str:
    return b"".join(files.get(pfs, reference(fileset_id), path, NEVER)).decode()


def test_a_fileset_reads_like_a_commit(data: World) -> None:
    fileset = made(data, put("/a/x", "ex"), put("/a/y", "why"), delete("/a/y"), put("/b", "be"))
    assert held(data.pfs, fileset) == {"/a/x": "ex", "/b": "be"}
    assert files.inspect_file(data.pfs, reference(fileset), "/a", NEVER).size == 2
    assert [info.file.path for info in files.glob_file(data.pfs, reference(fileset), "/*", NEVER)] == [
        "/a/",
        "/b",
    ]


def test_laid_on_a_commit_it_deletes_first_and_appends_then(data: World) -> None:
    modify(data, "data@master", put("/a", "old"), put("/b", "old"), put("/d/x", ""), put("/d/y", ""))
    fileset = made(data, overwrite("/a", "new"), put("/b", "more"), delete("/d/"), put("/d/z", ""))
    open_commit = data.start("data@master")
    lay(data.pfs, ref(f"data@{open_commit.id}"), fileset, NEVER)
    lay(data.pfs, ref("data@master"), made(data, put("/a", "+")), NEVER)
    lay(data.pfs, ref("data@master"), made(data, PutFiles([("/d/z", b"replaced")])), NEVER)
    data.finish(open_commit)
    assert data.files("data@master") == ["/a", "/b", "/d/z"]
    assert get(data, "data@master:/a") == "new+"
    assert get(data, "data@master:/b") == "oldmore"
    assert get(data, "data@master:/d/z") == "replaced"


def test_several_are_laid_on_each_other_in_order(data: World) -> None:
    modify(data, "data@master", put("/a", "old"), put("/gone", "old"))
    parts = [made(data, put("/a", "1"), put("/b", "1")), made(data, overwrite("/b", "2"), delete("/gone"))]
    both = compose(data.pfs, [*parts, made(data, put("/a", "3"))], NEVER).id
    assert held(data.pfs, both) == {"/a": "13", "/b": "2"}
    data.start("data@master")
    lay(data.pfs, ref("data@master"), both, NEVER)
    data.finish("data@master")
    assert data.files("data@master") == ["/a", "/b"]
    assert get(data, "data@master:/a") == "old13"


def test_a_commit_s_whole_and_its_change_can_be_taken(data: World) -> None:
    modify(data, "data@master", put("/a", "1"), put("/b", "1"), put("/c", "1"))
    modify(data, "data@master", overwrite("/a", "2"), delete("/b"), put("/d", "2"))
    whole = take(data.pfs, ref("data@master"), Part.TOTAL, NEVER).id
    change = take(data.pfs, ref("data@master"), Part.DIFF, NEVER).id
    assert held(data.pfs, whole) == {"/a": "2", "/c": "1", "/d": "2"}
    assert held(data.pfs, change) == {"/a": "2", "/d": "2"}
    data.repo("copy")
    modify(data, "copy@master", put("/a", "0"), put("/b", "0"), put("/c", "0"))
    data.start("copy@master")
    lay(data.pfs, ref("copy@master"), change, NEVER)
    data.finish("copy@master")
    assert {path: get(data, f"copy@master:{path}") for path in data.files("copy@master")} == {
        "/a": "2",
        "/c": "0",
        "/d": "2",
    }


def test_files_are_copied_out_of_one(data: World) -> None:
    fileset = made(data, put("/a/x", "ex"))
    data.repo("other")
    modify(data, "other@master", replace(copy("data@x:/a", "/b"), source=reference(fileset)))
    assert get(data, "other@master:/b/x") == "ex"


def test_one_is_not_laid_on_a_finished_commit(data: World) -> None:
    commit = modify(data, "data@master", put("/a", ""))
    for name in ("master", commit.id):
        with pytest.raises(WrongState, match="has already finished"):
            lay(data.pfs, ref(f"data@{name}"), made(data, put("/b", "")), NEVER)


def test_an_operation_that_fails_makes_no_fileset(data: World) -> None:
    with pytest.raises(InvalidArgument):
        made(data, put("/a", ""), put("/b*", ""))
    with data.pfs.read() as tx:
        assert tx.value("SELECT count(*) FROM filesets") == 0


@pytest.mark.parametrize(
    ("ttl", "error"),
    [(0.5, r"ttl \(0.5\) must be at least one second"), (1801, r"ttl \(1801\) exceeds max ttl \(1800\)")],
)
def test_lives_have_limits(data: World, ttl: float, error: str) -> None:
    fileset = made(data, put("/a", ""))
    for ask in (lambda: renew(data.pfs, fileset, ttl), lambda: compose(data.pfs, [fileset], NEVER, ttl)):
        with pytest.raises(InvalidArgument, match=error):
            ask()


def test_one_is_gone_when_its_time_is_over_unless_it_was_renewed(data: World) -> None:
    times = [1000.0]
    world = replace(data, pfs=replace(data.pfs, clock=lambda: times[0]))
    short, renewed = made(world, put("/a", "")), made(world, put("/b", ""))
    times[0] += 599
    renew(world.pfs, renewed, 60)
    times[0] += 1
    assert held(world.pfs, renewed) == {"/b": ""}
    for ask in (lambda: held(world.pfs, short), lambda: renew(world.pfs, short, 60)):
        with pytest.raises(NotFound, match=f"file set {short} not found"):
            ask()
    made(world, put("/c", ""))
    with world.pfs.read() as tx:
        assert tx.value("SELECT count(*) FROM filesets") == 2


def test_what_never_was_is_not_found(data: World) -> None:
    for ask in (
        lambda: lay(data.pfs, ref("data@master"), "0" * 32, NEVER),
        lambda: compose(data.pfs, ["0" * 32], NEVER),
        lambda: shard(data.pfs, "0" * 32),
    ):
        data.commit("data@master", "/x")
        data.start("data@master")
        with pytest.raises(NotFound, match=r"file set 0+ not found"):
            ask()
        data.finish("data@master")


def test_shards_cover_all_paths_by_number_or_by_size(data: World) -> None:
    fileset = made(data, *(put(f"/{name}", name * 10) for name in "abcde"), put("/b", "", tag="other"))
    assert shard(data.pfs, fileset) == [PathRange("", "")]
    assert shard(data.pfs, fileset, files=2) == [
        PathRange("", "/c"),
        PathRange("/c", "/e"),
        PathRange("/e", ""),
    ]
    assert shard(data.pfs, fileset, size=15) == [
        PathRange("", "/c"),
        PathRange("/c", "/e"),
        PathRange("/e", ""),
    ]
    assert shard(data.pfs, made(data)) == [PathRange("", "")]
