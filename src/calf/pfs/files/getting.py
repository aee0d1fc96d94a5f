"""Reading files: the bytes of one, or many as a tar stream."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from calf.model.content import Content, Entry, Node
from calf.model.errors import InvalidArgument
from calf.model.ports import Cancel
from calf.model.refs import CommitRef
from calf.pfs.engine import Pfs
from calf.pfs.files.ops import SMALL
from calf.pfs.files.selecting import EVERYWHERE, PathRange, matches, select
from calf.pfs.files.snapshot import Snapshot, held_snapshot

PIECE = 2 << 20
_MANY = 1024
_FILE_MODE, _DIR_MODE = 0o644, 0o755


def get(
    pfs: Pfs, ref: CommitRef, path: str, cancel: Cancel, tag: str = "", offset: int = 0
) -> Iterator[bytes]:
    """The verified bytes of the one file that `path`, a glob, matches, from `offset` on, in pieces of 2 MiB.

    An empty file, or an offset beyond the end, gives no piece. Raises `NotFound`; `InvalidArgument` for a
    folder and for several matches; and `IntegrityError`, at any piece.
    """
    if offset < 0:
        raise InvalidArgument("offset must not be negative")
    with held_snapshot(pfs, ref, cancel) as snapshot:
        content = _only_file(matches(snapshot, path, tag))
        yield from _regroup(pfs.store.read(content, offset))


def tar(
    pfs: Pfs, ref: CommitRef, path: str, cancel: Cancel, tag: str = "", between: PathRange = EVERYWHERE
) -> Iterator[bytes]:
    """A tar archive of everything that `path`, a glob, matches, folders with what is in them.

    Names are absolute, modes 0644 and 0755, times that of the commit, so equal commits give equal archives.
    Raises as `get`, but takes folders and any number of matches.
    """
    with held_snapshot(pfs, ref, cancel) as snapshot:
        yield from _regroup(_archive(pfs, snapshot, select(snapshot, path, tag, between)))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, which comes before what is in it."""

    path: str


@dataclass(frozen=True, slots=True)
class Small:
    """Small files, path and bytes of each."""

    files: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Large:
    """A file in pieces of at most 2 MiB, to be read before the next part is asked for."""

    path: str
    pieces: Iterator[bytes]


Part = Folder | Small | Large


def parts(pfs: Pfs, ref: CommitRef, path: str, cancel: Cancel, tag: str = "") -> Iterator[Part]:
    """Everything that `path`, a glob, matches, folders with what is in them, in order. Raises as `tar`."""
    with held_snapshot(pfs, ref, cancel) as snapshot:
        yield from _parts(pfs, select(snapshot, path, tag))


def _parts(pfs: Pfs, nodes: Iterable[Node]) -> Iterator[Part]:
    waiting: list[Entry] = []
    size = 0
    for node in nodes:
        small = node.entry if node.size <= SMALL else None
        if waiting and (small is None or size >= PIECE or len(waiting) >= _MANY):
            yield _small(pfs, waiting)
            waiting, size = [], 0
        if small is not None:
            waiting.append(small)
            size += small.content.size
        elif node.entry is not None:
            yield Large(node.path, pfs.store.read(node.entry.content))
        else:
            yield Folder(node.path)
    if waiting:
        yield _small(pfs, waiting)


def _small(pfs: Pfs, entries: list[Entry]) -> Small:
    filled = [entry for entry in entries if entry.content.size]
    datas = iter(pfs.store.get_all([entry.content.chunks[0] for entry in filled]))
    return Small([(entry.path, next(datas) if entry.content.size else b"") for entry in entries])


def _only_file(found: list[Node]) -> Content:
    if len(found) > 1:
        raise InvalidArgument(
            "matched multiple files. Use GetFileTAR instead", "`pachctl get file -r` gets them all"
        )
    entry = found[0].entry
    if entry is None:
        raise InvalidArgument(
            "cannot get directory or non-regular file. Use GetFileTAR instead",
            "`pachctl get file -r` gets it",
        )
    return entry.content


def _archive(pfs: Pfs, snapshot: Snapshot, nodes: Iterable[Node]) -> Iterator[bytes]:
    for node in nodes:
        yield _header(node, snapshot.committed)
        if node.entry:
            yield from pfs.store.read(node.entry.content)
            yield bytes(-node.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _header(node: Node, when: float) -> bytes:
    info = tarfile.TarInfo(node.path)
    info.mtime = int(when)
    if node.is_dir:
        info.type, info.mode = tarfile.DIRTYPE, _DIR_MODE
    else:
        info.size, info.mode = node.size, _FILE_MODE
    return info.tobuf(tarfile.GNU_FORMAT)


def _regroup(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of at most 2 MiB, few of them."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        if size + len(piece) > PIECE and waiting:
            yield b"".join(waiting)
            waiting, size = [], 0
        waiting.append(piece)
        size += len(piece)
    if size:
        yield b"".join(waiting)
