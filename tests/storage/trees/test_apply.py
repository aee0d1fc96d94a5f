"""Trees against a model: a dict of (path, tag) to text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calf.model.content import Entry
from calf.storage import trees
from calf.storage.trees import Collision, DeleteBelow, DeletePath, Duplicate, PutEntry
from tests.storage.trees.conftest import Objects, content, names_by_rank

Model = dict[tuple[str, str], str]
TAGS = ("default", "a", "b")


def change_model(model: Model, change: trees.Change) -> None:
    match change:
        case PutEntry(entry):
            model[entry.path, entry.tag] = entry.content.hash.hex()
        case DeletePath(path, tag):
            for key in [k for k in model if k[0] == path and tag in (None, k[1])]:
                del model[key]
        case DeleteBelow(path, tag):
            prefix = path if path == "/" else path + "/"
            for key in [k for k in model if k[0].startswith(prefix) and tag in (None, k[1])]:
                del model[key]


def as_model(objects: Objects, root: bytes | None) -> Model:
    return {(e.path, e.tag): e.content.hash.hex() for e in trees.entries(objects.get, root)}


def build(objects: Objects, changes: list[trees.Change], root: bytes | None = None) -> bytes | None:
    return trees.apply(objects.get, objects.put, root, changes)


def put(path: str, text: str = "x", tag: str = "default") -> PutEntry:
    return PutEntry(Entry(path, tag, content(text)))


names = st.sampled_from(names_by_rank())
paths = st.lists(names, min_size=1, max_size=2).map(lambda parts: "/" + "/".join(parts))
folders = st.one_of(st.just("/"), names.map(lambda name: "/" + name))
changes = st.one_of(
    st.builds(put, paths, st.sampled_from("xyz"), st.sampled_from(TAGS)),
    st.builds(put, paths, st.sampled_from("xyz"), st.just("default")),
    st.builds(DeletePath, paths, st.sampled_from((*TAGS, None))),
    st.builds(DeleteBelow, folders, st.sampled_from((*TAGS, None, None))),
)


def conflicts_of(model: Model) -> set[str]:
    files = [path for path, _ in model]
    doubles = {path for path in files if files.count(path) > 1}
    return doubles | {path for path in files if any(other.startswith(path + "/") for other in files)}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(changes, max_size=30), min_size=1, max_size=4))
def test_a_tree_holds_what_the_changes_say_and_its_root_depends_on_that_alone(
    batches: list[list[trees.Change]],
) -> None:
    objects, model = Objects(), Model()
    root = None
    for batch in batches:
        root = build(objects, batch, root)
        for change in batch:
            change_model(model, change)
    assert as_model(objects, root) == model

    fresh = [PutEntry(entry) for entry in trees.entries(objects.get, root)]
    random.Random(1).shuffle(fresh)
    assert build(Objects(), fresh) == root
    assert root is not None or not model

    found = trees.conflict(objects.get, root)
    assert (found is not None) == bool(conflicts_of(model))
    assert found is None or found.path in conflicts_of(model)
    assert trees.summary(objects.get, root).files == len(model)


@settings(max_examples=100, deadline=None)
@given(st.lists(changes, max_size=40), st.lists(changes, max_size=15))
def test_diff_says_what_differs_in_path_order(first: list[trees.Change], second: list[trees.Change]) -> None:
    objects = Objects()
    old = build(objects, [c for c in first if not isinstance(c, PutEntry) or c.entry.tag == "default"])
    new = build(objects, [c for c in second if not isinstance(c, PutEntry) or c.entry.tag == "default"], old)
    before = {node.path: node.hash for node in trees.walk(objects.get, old)}
    after = {node.path: node.hash for node in trees.walk(objects.get, new)}
    expected = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    found = []
    for left, right in trees.diff(objects.get, old, new):
        node = left or right
        assert node is not None
        found.append(node.path)
        assert (left and left.hash) == before.get(node.path)
        assert (right and right.hash) == after.get(node.path)
    assert found == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(changes, max_size=40), paths, st.booleans())
def test_walks_and_listings_resume_after_any_path(
    all_changes: list[trees.Change], after: str, folder: bool
) -> None:
    objects = Objects()
    root = build(objects, all_changes)
    marker = after + "/" if folder else after
    everything = [node.path for node in trees.walk(objects.get, root)]
    assert everything == sorted(everything)
    assert [n.path for n in trees.walk(objects.get, root, "/", marker)] == [
        p for p in everything if p > marker
    ]
    for directory in ("/", after):
        prefix = directory.rstrip("/") + "/"
        kids = [
            p for p in everything if p.startswith(prefix) and "/" not in p[len(prefix) : -1] and p != prefix
        ]
        assert [n.path for n in trees.children(objects.get, root, directory)] == kids
        assert [n.path for n in trees.children(objects.get, root, directory, reverse=True)] == kids[::-1]
        later = [n.path for n in trees.children(objects.get, root, directory, marker)]
        assert later == [p for p in kids if p > marker]
        earlier = [n.path for n in trees.children(objects.get, root, directory, marker, reverse=True)]
        assert earlier == [p for p in kids[::-1] if p < marker]


def test_who_owns_a_file_changes_the_root_and_not_the_hash(objects: Objects) -> None:
    first = build(objects, [put("/d/f", tag="a")])
    second = build(objects, [put("/d/f", tag="b")])
    assert first != second
    assert trees.summary(objects.get, first).hash == trees.summary(objects.get, second).hash
    assert list(trees.diff(objects.get, first, second)) == []


def test_two_owners_of_a_path_are_a_conflict_that_names_them(objects: Objects) -> None:
    root = build(objects, [put("/ok"), put("/d/f", tag="b"), put("/d/f", tag="a")])
    assert trees.conflict(objects.get, root) == Duplicate("/d/f", "a", "b")
    root = build(objects, [DeletePath("/d/f", "b")], root)
    assert trees.conflict(objects.get, root) is None


def test_a_file_and_a_directory_of_one_name_are_a_conflict_until_one_goes(objects: Objects) -> None:
    root = build(objects, [put("/a"), put("/a-b"), put("/a/b")])
    assert trees.conflict(objects.get, root) == Collision("/a")
    assert [node.path for node in trees.find(objects.get, root, "/a")] == ["/a", "/a/"]
    assert trees.conflict(objects.get, build(objects, [DeleteBelow("/a", None)], root)) is None
    assert trees.conflict(objects.get, build(objects, [DeletePath("/a", None)], root)) is None


def test_deleting_below_a_path_leaves_the_file_of_that_name(objects: Objects) -> None:
    root = build(objects, [put("/a"), put("/a/b"), put("/a/c/d"), DeleteBelow("/a", None), put("/a/e")])
    assert [entry.path for entry in trees.entries(objects.get, root)] == ["/a", "/a/e"]


def test_an_edit_in_a_large_directory_reads_and_writes_a_few_pages(objects: Objects) -> None:
    root = build(objects, [put(f"/d/{n:06}", str(n)) for n in range(20_000)])
    objects.reads, before = 0, len(objects.data)
    edited = build(objects, [put("/d/012345", "new")], root)
    assert len(objects.data) - before <= 5
    assert objects.reads <= 12
    objects.reads = 0
    assert len(list(trees.diff(objects.get, root, edited))) == 3
    assert objects.reads <= 24
    assert build(objects, [put("/d/012345", "12345")], edited) == root


@pytest.mark.parametrize("count", [1, 16, 17, 5000])
def test_contents_of_many_chunks_come_back_whole(objects: Objects, count: int) -> None:
    chunks = tuple(objects.put(f"chunk {n}".encode()) for n in range(count))
    whole = content("whole") if count > 1 else content("chunk 0")
    entry = Entry("/f", "default", type(whole)(whole.hash, 10, chunks))
    root = build(objects, [PutEntry(entry)])
    assert list(trees.entries(objects.get, root)) == [entry]
    needed = set(trees.reachable(objects.get, root, set()))
    assert needed >= set(chunks)
    assert needed <= set(objects.data)
