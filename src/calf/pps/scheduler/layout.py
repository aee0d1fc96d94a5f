"""Which files a datum sees below `/pfs`, by reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import blake3

from calf.model.content import Content
from calf.model.ports import InputFile
from calf.model.pps_infos import DatumInput
from calf.pps.scheduler.work import Work
from calf.storage import trees

_EMPTY = Content(blake3.blake3(b"").digest(), 0, ())


def input_files(work: Work, inputs: Iterable[DatumInput]) -> Iterator[InputFile]:
    """Every file of every input; a directory gives all that is below it."""
    store = work.pps.pfs.store
    for item in inputs:
        with work.pps.pfs.read() as tx:
            root = work.root_of(tx, item.commit)
        for entry in trees.entries(store.get, root, item.path.rstrip("/") or "/"):
            content = _EMPTY if item.empty_files else entry.content
            yield InputFile(f"/{item.name}{entry.path}", content)
