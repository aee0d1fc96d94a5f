"""A directory that is planted is the one that step by step would have come about."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from calf.model.content import Entry
from calf.storage import trees
from calf.storage.batch import Batch
from calf.storage.contents import EMPTY
from calf.storage.objects import object_id
from calf.storage.store import Store

NAMES = st.sampled_from([*"abc", *(f"f{number}" for number in range(200))])
PLACES = st.sampled_from(["/a", "/b", "/a/b", "/a/b/c", "/a/x", "/a/y/z", "/c"])
PATHS = st.sets(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=150)


class Memory:
    def __init__(self) -> None:
        self.objects: dict[bytes, bytes] = {}

    def get(self, oid: bytes) -> bytes:
        return self.objects[oid]

    def put(self, data: bytes | memoryview) -> bytes:
        oid = object_id(data)
        self.objects[oid] = bytes(data)
        return oid


@given(paths=PATHS)
def test_its_root_is_that_of_a_tree_of_the_same_files(paths: set[str]) -> None:
    memory = Memory()
    entries = [Entry(f"/{path}", "tag", EMPTY) for path in sorted(paths)]
    wanted = trees.apply(memory.get, memory.put, None, map(trees.PutEntry, entries))
    made = trees.plant(memory.get, memory.put, "tag", dict.fromkeys(paths, EMPTY))
    assert (made.id if made else None) == wanted


def test_put_into_a_tree_it_takes_the_place_of_what_was_there() -> None:
    memory = Memory()
    old = [Entry(path, "other", EMPTY) for path in ("/a/x/old", "/a/kept", "/b")]
    root = trees.apply(memory.get, memory.put, None, map(trees.PutEntry, old))
    inner = trees.plant(memory.get, memory.put, "tag", {"deep": EMPTY})
    assert inner is not None
    outer = trees.plant(memory.get, memory.put, "tag", {"new": EMPTY}, {"in": inner})
    assert outer is not None
    assert trees.planted(memory.get, outer.id)[1:] == outer[1:]
    changed = trees.apply(memory.get, memory.put, root, [trees.PutTree("/a/x", outer)])
    found = [(entry.path, entry.tag) for entry in trees.entries(memory.get, changed)]
    assert found == [("/a/kept", "other"), ("/a/x/in/deep", "tag"), ("/a/x/new", "tag"), ("/b", "other")]
    assert trees.summary(memory.get, changed).files == 4


CHANGES = st.one_of(
    st.builds(trees.PutContents, st.just("a"), st.dictionaries(PLACES, st.just(EMPTY), max_size=3)),
    st.builds(trees.DeleteBelow, st.sampled_from(["/", "/a", "/a/b"]), st.sampled_from(["tag", "a", None])),
    st.builds(trees.DeletePath, PLACES, st.sampled_from(["tag", "a", None])),
    st.sets(st.lists(NAMES, min_size=1, max_size=2).map("/".join), min_size=1, max_size=5),
)


@given(before=st.lists(CHANGES, max_size=5), path=PLACES, after=st.lists(CHANGES, max_size=5))
def test_what_comes_before_and_after_counts_as_if_its_files_were_put_one_by_one(
    before: list[trees.Change | set[str]], path: str, after: list[trees.Change | set[str]]
) -> None:
    memory = Memory()
    planted, one_by_one = [], []
    for number, change in enumerate((*before, {"x", "y/z"}, *after)):
        if not isinstance(change, set):
            planted.append(change)
            one_by_one.append(change)
            continue
        where = path if number == len(before) else "/a"
        directory = trees.plant(memory.get, memory.put, "tag", dict.fromkeys(change, EMPTY))
        assert directory is not None
        planted.append(trees.PutTree(where, directory))
        files = {f"{where}/{name}": EMPTY for name in change}
        one_by_one += (trees.DeleteBelow(where, None), trees.PutContents("tag", files))
    wanted = trees.apply(memory.get, memory.put, None, one_by_one)
    assert trees.apply(memory.get, memory.put, None, planted) == wanted


def test_it_may_be_the_whole_tree() -> None:
    memory = Memory()
    root = trees.apply(memory.get, memory.put, None, [trees.PutContents("other", {"/old": EMPTY})])
    directory = trees.plant(memory.get, memory.put, "tag", {"new": EMPTY})
    assert directory is not None
    changed = trees.apply(memory.get, memory.put, root, [trees.PutTree("/", directory)])
    assert changed == directory.id


def test_a_batch_gives_what_waits_and_sealing_stores_all_of_it(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with store.writer() as writer:
        batch = Batch(writer)
        oids = [batch.put(b"%d" % number) for number in range(1200)]
        assert [batch.get(oid) for oid in oids] == [b"%d" % number for number in range(1200)]
        writer.seal()
    assert store.get_all(oids) == [b"%d" % number for number in range(1200)]
    store.close()
