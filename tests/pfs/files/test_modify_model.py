"""Random operations on files, against a dict."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calf.pfs import files
from calf.pfs.files import AddFile, CopyFile, DeleteFile, Op, PutFiles
from tests.pfs.files.shorthand import NEVER, copy, delete, modify, put
from tests.pfs.world import World, ref

Model = dict[tuple[str, str], str]
PATHS = ("/a", "/b", "/d/a", "/d/b", "/d/e/a", "/d-x")
TAGS = ("default", "t")
_branches = itertools.count()

paths, tags = st.sampled_from(PATHS), st.sampled_from(TAGS)
texts = st.sampled_from(("", "x", "yy", "z" * 200_000))
operations = st.one_of(
    st.builds(lambda path, text, tag: put(path, text, tag=tag), paths, texts, tags),
    st.builds(
        lambda files, tag: PutFiles([(path, text.encode()) for path, text in files], tag),
        st.lists(st.tuples(paths, st.sampled_from(("", "x", "z" * 100_000))), max_size=4),
        tags,
    ),
    st.builds(delete, st.sampled_from((*PATHS, "/", "/d/", "/d", "/d/e/", "/nope/")), tags),
    st.builds(
        lambda source, path, append, tag: copy(f"data@source:{source}", path, append, tag),
        st.sampled_from(("/f", "/d", "/")),
        st.sampled_from(("/c", "/d", "/a")),
        st.booleans(),
        tags,
    ),
)
SOURCE = {"/f": "F", "/d/a": "A", "/d/e/a": "E"}


def change(model: Model, op: Op) -> None:
    match op:
        case AddFile(path, pieces, tag):
            model[path, tag] = model.get((path, tag), "") + b"".join(pieces).decode()
        case PutFiles(small, tag):
            model.update({(path, tag): bytes(data).decode() for path, data in small})
        case DeleteFile(path, tag):
            below = path.endswith("/")
            for key in list(model):
                if key[1] == tag and (key[0].startswith(path) if below else key[0] == path):
                    del model[key]
        case CopyFile(path, _, source, tag, _, append):
            for name, text in SOURCE.items():
                if name == source or name.startswith(source.rstrip("/") + "/"):
                    key = (path + name[len(source.rstrip("/")) :], tag)
                    model[key] = (model.get(key, "") if append else "") + text


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World.open(tmp_path_factory.mktemp("model") / "home")
    world.repo("data")
    modify(world, "data@source", *(put(path, text) for path, text in SOURCE.items()))
    yield world
    assert world.fsck() == []
    world.pfs.close()


@settings(max_examples=40, deadline=None)
@given(batches=st.lists(st.lists(operations, max_size=8), min_size=1, max_size=4))
def test_streams_of_operations_do_what_they_say(shared: World, batches: list[list[Op]]) -> None:
    branch, model = f"data@b{next(_branches)}", Model()
    shared.start(branch)
    for batch in batches:
        modify(shared, branch, *batch)
        for op in batch:
            change(model, op)
    found = {}
    with files.held_snapshot(shared.pfs, ref(branch), NEVER) as snapshot:
        for info in files.walk_file(shared.pfs, ref(branch), "/", NEVER):
            if not info.file.path.endswith("/"):
                [node] = [n for n in snapshot.find(info.file.path, info.file.datum) if n.entry]
                assert node.entry is not None
                read = shared.pfs.store.read(node.entry.content)
                found[info.file.path, info.file.datum] = b"".join(read).decode()
    assert found == model
