"""Reading many objects at once: one question to the index, and one read for those that lie side by side.

A content's chunks mostly do, as they are: then what was read is what is wanted, without another copy of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from calf.storage.blobs import RAW, unpack
from calf.storage.index import ObjectIndex
from calf.storage.objects import Location, is_object
from calf.storage.pack_files import PackFiles

_LONGEST = 4 << 20
_WIDEST_GAP = 16 << 10
_STRETCH = 2 << 20
_AT_ONCE = 64

_Found = tuple[bytes, Location, bytes]
_NOWHERE = b"", Location(0, 0, 0, -1)


def gather(index: ObjectIndex, files: PackFiles, oids: Sequence[bytes]) -> dict[bytes, bytes]:
    """The verified bytes of those of these objects that can be read at the first attempt.

    What is left out is missing or damaged, or has just been moved: ask for it alone.
    """
    found = sorted((pack, location, oid) for oid, (pack, location) in index.find_all(oids).items())
    return {oid: data for run in _runs(found) for oid, data in _read(files, run)}


def stretches(
    index: ObjectIndex, files: PackFiles, oids: Sequence[bytes]
) -> Iterator[tuple[Sequence[bytes], bytes | None]]:
    """These objects in order, one or more at a time, and their verified bytes, at most 2 MiB.

    None instead of bytes: ask for these one by one. They are compressed, missing or damaged, or have just
    been moved.
    """
    for start in range(0, len(oids), _AT_ONCE):
        some = oids[start : start + _AT_ONCE]
        for run in _neighbours(some, index.find_all(some)):
            yield [oid for _, _, oid in run], _read_stretch(files, run)


def _neighbours(
    oids: Sequence[bytes], places: Mapping[bytes, tuple[bytes, Location]]
) -> Iterator[list[_Found]]:
    """The objects in order; together those that lie side by side in a pack, uncompressed."""
    run: list[_Found] = []
    for oid in oids:
        pack, at = places.get(oid, _NOWHERE)
        if run and not _goes_on(run, pack, at):
            yield run
            run = []
        run.append((pack, at, oid))
    if run:
        yield run


def _goes_on(run: list[_Found], pack: bytes, at: Location) -> bool:
    (first_pack, first, _), (_, last, _) = run[0], run[-1]
    side_by_side = pack == first_pack and at.offset == last.offset + last.stored
    return side_by_side and at.codec == RAW == last.codec and at.offset + at.stored - first.offset <= _STRETCH


def _read_stretch(files: PackFiles, run: list[_Found]) -> bytes | None:
    pack, first, _ = run[0]
    start, size = first.offset, sum(at.stored for _, at, _ in run)
    if first.codec != RAW:
        return None
    try:
        data = files.read(pack, Location(start, size, size, RAW))
    except FileNotFoundError:
        return None
    view = memoryview(data)
    for _, at, oid in run:
        part = view[at.offset - start : at.offset - start + at.stored]
        if len(part) != at.size or not is_object(oid, part):
            return None
    return data


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
