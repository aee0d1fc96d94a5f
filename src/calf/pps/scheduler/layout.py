"""Which files a datum sees below `/pfs`, by reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calf.model.content import Entry
from calf.model.ports import Form, InputFile
from calf.model.pps_infos import DatumInput
from calf.pps.scheduler.work import Work
from calf.storage import trees


def input_files(work: Work, inputs: Iterable[DatumInput]) -> Iterator[InputFile]:
    """Every file of every input; a directory gives all that is below it."""
    for item in inputs:
        form: Form = "lazy" if item.lazy else "empty" if item.empty_files else "file"
        for entry in _entries(work, item):
            yield InputFile(f"/{item.name}{entry.path}", entry.content, form)


def _entries(work: Work, item: DatumInput) -> Iterator[Entry]:
    tree, path = work.tree_of(item.commit), item.path.rstrip("/") or "/"
    for node in tree.find(path):
        if node.entry is not None:
            yield node.entry
        else:
            yield from trees.entries(work.pps.pfs.store.get, tree.root, path)
