"""What changed of an input's datums, against the whole list of both sides."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.model.content import Entry
from calf.model.identity import datum_hash, datum_id
from calf.model.pps_infos import DatumInput
from calf.model.refs import Branch, Commit, Pipeline, Repo
from calf.model.spec import complete_input, parse_input
from calf.pps.datums import Sides, changed_datums
from calf.pps.datums.combining import combine
from calf.pps.datums.leaves import Source
from calf.storage import trees
from calf.storage.store import Store
from tests.pps.datums.test_enumerating import pfs

REPO = Repo("default", "in")
COMMITS = tuple(Commit(REPO, f"{number:032x}") for number in (1, 2))
NAMES = ("/a", "/b", "/d", "/d/a", "/d/e/a", "/d/e/b", "/f/a")
FILES = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 2), max_size=5)
INPUTS = {
    "all": pfs("in", "/"),
    "top": pfs("in", "/*"),
    "below": pfs("in", "/*/*"),
    "everything": pfs("in", "**"),
    "union": {"union": [pfs("in", "/*"), pfs("in", "/d/**", lazy=True)]},
    "cross": {"cross": [pfs("in", "/d/*"), pfs("in", "/d/e/*", name="other")]},
}
Hashes = dict[str, str]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.open(Path(tmp_path_factory.mktemp("store")))


@pytest.mark.parametrize("document", INPUTS.values(), ids=list(INPUTS))
@given(old=FILES, new=FILES)
def test_the_old_list_less_what_went_and_with_what_came_is_the_new_list(
    store: Store, document: dict[str, Any], old: dict[str, int], new: dict[str, int]
) -> None:
    node = complete_input(parse_input(document), Pipeline("default", "p"))
    branch = Branch(REPO, "master")
    before, now = (
        Source(*it, store.get) for it in zip(COMMITS, (lay(store, old), lay(store, new)), strict=True)
    )
    lists = [
        hashes(tuple(match.part for match in matches) for matches in combine(node, {branch: source}))
        for source in (before, now)
    ]
    sides = Sides((before.commit, before.root), (now.commit, now.root))
    found = changed_datums(store.get, node, {branch: sides})
    if found is None:
        assert "cross" in document
        assert before.root != now.root
        return
    pairs = list(found)
    gone = {datum_id(one) for one, _ in pairs if one}
    kept = {identity: digest for identity, digest in lists[0].items() if identity not in gone}
    assert kept | hashes(two for _, two in pairs if two) == lists[1]


def test_an_input_that_combines_files_is_as_it_was_when_none_of_them_changed(store: Store) -> None:
    node = complete_input(parse_input(INPUTS["cross"]), Pipeline("default", "p"))
    roots = [lay(store, {"/d/e/a": 1, "/a": 1, "/f/a": number}) for number in (1, 1)]
    sides = {Branch(REPO, "master"): Sides((COMMITS[0], roots[0]), (COMMITS[1], roots[1]))}
    assert changed_datums(store.get, node, sides) == ()


def test_a_folder_in_which_nothing_can_match_is_not_read(store: Store) -> None:
    node = complete_input(parse_input(pfs("in", "/*")), Pipeline("default", "p"))
    folder = {f"/d/{number}": 1 for number in range(1000)}
    root, read = lay(store, folder), list[bytes]()

    def get(oid: bytes) -> bytes:
        read.append(oid)
        return store.get(oid)

    sides = {Branch(REPO, "master"): Sides((COMMITS[0], None), (COMMITS[1], root))}
    ((none, datum),) = changed_datums(get, node, sides) or ()
    assert (none, [part.path for part in datum or ()]) == (None, ["/d/"])
    assert len(set(read)) == 1


def lay(store: Store, files: dict[str, int]) -> bytes | None:
    """A tree; a file that is in the way of a folder is left out."""
    good = [path for path in files if not any(other.startswith(f"{path}/") for other in files)]
    with store.writer() as writer:
        puts = [trees.PutEntry(Entry(path, "", writer.content(b"%d" % files[path]))) for path in sorted(good)]
        root = trees.apply(writer.get, writer.put, None, puts)
        writer.seal()
    return root


def hashes(datums: Iterable[tuple[DatumInput, ...]]) -> Hashes:
    found: Hashes = {}
    for inputs in datums:
        identity = datum_id(inputs)
        found.setdefault(identity, datum_hash(identity, inputs, "salt", None))
    return found
