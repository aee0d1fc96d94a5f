"""Reading many objects at once: one question to the index, and one read for those that lie side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from calf.storage.blobs import unpack
from calf.storage.index import ObjectIndex
from calf.storage.objects import Location
from calf.storage.pack_files import PackFiles

_LONGEST = 4 << 20
_WIDEST_GAP = 16 << 10

_Found = tuple[bytes, Location, bytes]


def gather(index: ObjectIndex, files: PackFiles, oids: Sequence[bytes]) -> dict[bytes, bytes]:
    """The verified bytes of those of these objects that can be read at the first attempt.

    What is left out is missing or damaged, or has just been moved: ask for it alone.
    """
    found = sorted((pack, location, oid) for oid, (pack, location) in index.find_all(oids).items())
    return {oid: data for run in _runs(found) for oid, data in _read(files, run)}


def _runs(found: Iterable[_Found]) -> Iterator[list[_Found]]:
    """What one read is worth: neighbours in a pack."""
    run: list[_Found] = []
    start, end = 0, 0
    for each in found:
        pack, at, _ = each
        if run and (
            pack != run[0][0] or at.offset - end > _WIDEST_GAP or at.offset + at.stored - start > _LONGEST
        ):
            yield run
            run = []
        if not run:
            start = at.offset
        run.append(each)
        end = at.offset + at.stored
    if run:
        yield run


def _read(files: PackFiles, run: list[_Found]) -> Iterator[tuple[bytes, bytes]]:
    pack, first, _ = run[0]
    last = run[-1][1]
    start = first.offset
    try:
        blobs = files.read(pack, Location(start, last.offset + last.stored - start, 0, 0))
    except FileNotFoundError:
        return
    for _, at, oid in run:
        stored = blobs[at.offset - start : at.offset - start + at.stored]
        data = unpack(oid, stored, at)
        if data is not None and len(data) == at.size:
            yield oid, data
