"""Which files a datum sees below `/pfs`, by reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import blake3

from calf.model.content import Content, Entry
from calf.model.ports import InputFile
from calf.model.pps_infos import DatumInput
from calf.pps.scheduler.work import Work
from calf.storage import trees

_EMPTY = Content(blake3.blake3(b"").digest(), 0, ())


def input_files(work: Work, inputs: Iterable[DatumInput]) -> Iterator[InputFile]:
    """Every file of every input; a directory gives all that is below it."""
    for item in inputs:
        for entry in _entries(work, item):
            yield InputFile(f"/{item.name}{entry.path}", _EMPTY if item.empty_files else entry.content)


def _entries(work: Work, item: DatumInput) -> Iterator[Entry]:
    tree, path = work.tree_of(item.commit), item.path.rstrip("/") or "/"
    for node in tree.find(path):
        if node.entry is not None:
            yield node.entry
        else:
            yield from trees.entries(work.pps.pfs.store.get, tree.root, path)
