from __future__ import annotations

from collections.abc import Iterator

import pytest

from calf.kit.cancel import CancelToken
from calf.kit.errors import CalfError, Cancelled, InvalidArgument, NotFound, WrongState
from calf.pfs import files
from calf.pfs.files import AddFile, CopyFile, Op
from tests.pfs.files.shorthand import NEVER, copy, delete, get, listed, modify, overwrite, put
from tests.pfs.world import World, at, ref


@pytest.fixture
def world(world: World) -> World:
    world.repo("data", "other")
    return world


def test_putting_twice_overwrites_when_the_client_deletes_first_and_appends_otherwise(world: World) -> None:
    modify(world, "data@master", overwrite("/f", "one"))
    modify(world, "data@master", overwrite("/f", "two"))
    assert get(world, "data@master:/f") == "two"
    modify(world, "data@master", put("/f", "+three"))
    assert get(world, "data@master:/f") == "two+three"
    assert get(world, "data@master^:/f") == "two"


def test_appends_in_one_commit_keep_their_order_within_and_across_streams(world: World) -> None:
    world.start("data@master")
    modify(world, "data@master", put("/f", "a"), put("/g", "x"), put("/f", "b", "c"))
    modify(world, "data@master", put("/f", "d"))
    assert get(world, "data@master:/f") == "abcd"


def test_a_branch_whose_head_is_finished_gets_a_commit_of_its_own(world: World) -> None:
    first = modify(world, "data@master", put("/f", "x"))
    second = modify(world, "data@master")
    assert world.log("data") == [second, first]
    assert world.info(second).finished
    assert world.files(second) == ["/f"]


def test_an_open_head_takes_the_changes_and_stays_open(world: World) -> None:
    commit = world.start("data@master")
    assert modify(world, "data@master", put("/f", "x")) == commit
    assert modify(world, f"data@{commit.id}", put("/g", "x")) == commit
    assert not world.info(commit).finished
    assert listed(world, "data@master:/") == ["/f", "/g"]


def test_a_client_whose_death_comes_to_light_at_the_end_of_its_stream_changes_nothing(world: World) -> None:
    commit, cancel = world.start("data@master"), CancelToken()

    def ops() -> Iterator[AddFile]:
        yield put("/f", "x")
        cancel.cancel()

    with pytest.raises(Cancelled):
        files.modify(world.pfs, ref("data@master"), ops(), cancel)
    assert world.files(commit) == []
    assert list(world.pfs.store.objects()) == []


def test_a_finished_commit_takes_nothing(world: World) -> None:
    commit = modify(world, "data@master", put("/f", "x"))
    for name in (commit.id, "master^0"):
        with pytest.raises(WrongState, match=rf"^commit default/data@{commit.id} has already finished$"):
            modify(world, f"data@{name}", put("/g", "x"))


def test_an_output_branch_takes_nothing(world: World) -> None:
    """Neither its open commit, which the job writes, nor a new one; said before anything is read."""
    made = world.pipeline("out", "data@master")

    def unread() -> Iterator[bytes]:
        raise AssertionError("was read")
        yield b""

    for where in ("out@master", f"out@{made}", f"out.meta@{made}"):
        with pytest.raises(WrongState, match="it is the output of a pipeline"):
            modify(world, where, AddFile("/f", unread()))
    world.run(made)
    with pytest.raises(WrongState, match=r"cannot start a commit on an output branch: default/out@master"):
        modify(world, "out@master", AddFile("/f", unread()))


def test_a_missing_repo_is_named_before_anything_is_read(world: World) -> None:
    def pieces() -> Iterator[bytes]:
        raise AssertionError("read")
        yield b""

    with pytest.raises(NotFound, match=r"^repo default/nowhere not found$"):
        files.modify(world.pfs, ref("nowhere@master"), [AddFile("/f", pieces())], NEVER)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/caf\u00e9", "path (/caf\u00e9) invalid: only printable ASCII characters allowed"),
        ("/a\nb", "path (/a\nb) invalid: only printable ASCII characters allowed"),
        ("/a*b", "path (/a*b) invalid: globbing character (*) not allowed in path"),
        ("../x", "path (../x) invalid: relative file paths are not allowed"),
        ("/a/./b", "path (/a/./b) invalid: relative file paths are not allowed"),
        ("/", "path (/) invalid: it names the root"),
    ],
)
def test_one_bad_path_undoes_the_whole_stream(world: World, path: str, message: str) -> None:
    before = world.log("data")
    with pytest.raises(InvalidArgument) as caught:
        modify(world, "data@master", put("/one", "1"), put("/two", "2"), put(path, "x"), put("/three", "3"))
    assert caught.value.message == message
    assert world.log("data") == before


def test_folders_may_be_deep_but_not_without_end(world: World) -> None:
    deep, deeper = "/d" * 200, "/d" * 201
    modify(world, "data@master", put(deep, "x"), delete(deeper), delete("/d" * 5000 + "/"))
    assert world.files("data@master") == [deep]
    assert get(world, f"data@master:{deep}") == "x"
    with pytest.raises(InvalidArgument, match=r"invalid: more than 200 folders deep$"):
        modify(world, "data@master", put(deeper, "x"))


def test_a_stream_that_breaks_off_leaves_nothing(world: World) -> None:
    commit = world.start("data@master")

    def ops() -> Iterator[AddFile]:
        yield put("/a", "x")
        raise ConnectionResetError

    packs = sorted(world.pfs.store.objects())
    with pytest.raises(ConnectionResetError):
        files.modify(world.pfs, ref("data@master"), ops(), NEVER)
    assert world.files(commit) == []
    assert sorted(world.pfs.store.objects()) == packs


def test_deleting_a_folder_needs_the_slash_and_what_comes_later_stays(world: World) -> None:
    modify(world, "data@master", put("/dir/a", "1"), put("/dir/sub/b", "2"), put("/dirt", "3"))
    modify(world, "data@master", delete("/dir"))
    assert world.files("data@master") == ["/dir/a", "/dir/sub/b", "/dirt"]
    modify(world, "data@master", put("/dir/c", "4"), delete("/dir/"), put("/dir/d", "5"), delete("/missing"))
    assert world.files("data@master") == ["/dir/d", "/dirt"]
    modify(world, "data@master", delete("/"))
    assert world.files("data@master") == []


def test_after_a_delete_in_the_same_stream_nothing_old_is_appended_to(world: World) -> None:
    modify(world, "data@master", put("/d/f", "old"), put("/g", "old"))
    modify(
        world, "data@master", delete("/d/"), put("/d/f", "new"), delete("/g"), put("/g", "1"), put("/g", "2")
    )
    assert get(world, "data@master:/d/f") == "new"
    assert get(world, "data@master:/g") == "12"


def test_deletes_touch_the_owner_they_name_and_no_other(world: World) -> None:
    commit = world.start("data@master")
    modify(world, "data@master", put("/f", "datum's", tag="d1"), delete("/f"), delete("/"))
    assert world.files(commit) == ["/f"]
    modify(world, "data@master", overwrite("/f", "user's"))
    world.finish(commit)
    assert world.info(commit).error.startswith("duplicate path output by different datums (/f from ")
    modify(world, "data@master", delete("/f", tag="d1"))
    assert world.files("data@master") == []


def test_a_path_that_is_file_and_folder_makes_the_commit_bad(world: World) -> None:
    commit = modify(world, "data@master", put("/a", "1"), put("/a/b", "2"))
    assert world.info(commit).error == "file / directory path collision (/a)"
    assert world.files(modify(world, "data@master", put("/c", "3"))) == ["/c"]


def test_copies_share_the_bytes_and_replace_or_append(world: World) -> None:
    modify(world, "data@master", put("/d/a", "A"), put("/d/e/b", "B"), put("/f", "F"))
    modify(world, "other@master", put("/x/a", "old"), put("/y", "Y"), put("/x/stays", "S"))
    modify(world, "other@master", copy("data@master:/d", "/x"), copy("data@master:/f", "/y", append=True))
    assert world.files("other@master") == ["/x/a", "/x/e/b", "/x/stays", "/y"]
    assert [get(world, f"other@master:{p}") for p in ("/x/a", "/y")] == ["A", "YF"]
    [old] = files.list_file(world.pfs, ref("data@master"), "/d/e/b", NEVER)
    [new] = files.list_file(world.pfs, ref("other@master"), "/x/e/b", NEVER)
    assert (old.hash, old.size) == (new.hash, new.size)


def test_copies_from_and_within_an_open_commit_and_to_the_root(world: World) -> None:
    world.start("data@master")
    modify(world, "data@master", put("/d/a", "A"))
    modify(world, "data@master", copy("data@master:/d/a", "/b"), copy("data@master:/d/", "/"))
    assert world.files("data@master") == ["/a", "/b", "/d/a"]


def test_copying_what_is_not_there_says_so_and_changes_nothing(world: World) -> None:
    modify(world, "data@master", put("/f", "x"))
    head = world.head("data@master")
    with pytest.raises(NotFound, match=rf"^file /nope not found in repo default/data at commit {head.id}$"):
        modify(world, "data@master", put("/g", "x"), copy("data@master:/nope", "/h"))
    assert world.head("data@master") == head


def test_a_commit_on_a_bad_head_builds_on_the_good_one_before(world: World) -> None:
    modify(world, "data@master", put("/f1", "1"))
    world.commit("data@master", "/f2", error="bad")
    modify(world, "data@master", put("/f3", "3"))
    assert world.files("data@master") == ["/f1", "/f3"]


def test_an_open_commit_on_an_open_base_cannot_be_written(world: World) -> None:
    modify(world, "data@master", put("/f", "x"))
    open_one = world.start("data@master")
    with pytest.raises(CalfError, match=r"has not been finished"):
        world.start("data@master")
    assert world.head("data@master") == open_one
    assert at("data@master").name == "master"


def test_a_copy_ends_when_who_asked_for_it_is_gone(world: World) -> None:
    world.commit("data@master", *(f"/{number}" for number in range(100)))
    cancel, copied = CancelToken(), 0

    def ops() -> Iterator[Op]:
        nonlocal copied
        while True:
            copied += 1
            yield CopyFile("/to", ref("data@master"), "/")
            cancel.cancel()

    with pytest.raises(Cancelled):
        files.modify(world.pfs, ref("other@master"), ops(), cancel)
    assert copied == 2
