"""Reading files: the bytes of one, or many as a tar stream."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator

from calf.model.content import Content, Node
from calf.model.errors import InvalidArgument
from calf.model.glob import compile_glob
from calf.model.ports import Cancel
from calf.model.refs import CommitRef
from calf.pfs.engine import Pfs
from calf.pfs.files.snapshot import Snapshot, owned_by, take_snapshot
from calf.storage import trees

PIECE = 2 << 20
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
    snapshot = take_snapshot(pfs, ref, cancel)
    content = _only_file(_matches(snapshot, path, tag))
    return _regroup(pfs.store.read(content, offset))


def tar(pfs: Pfs, ref: CommitRef, path: str, cancel: Cancel, tag: str = "") -> Iterator[bytes]:
    """A tar archive of everything that `path`, a glob, matches, folders with what is in them.

    Names are absolute, modes 0644 and 0755, times that of the commit, so equal commits give equal archives.
    Raises as `get`, but takes folders and any number of matches.
    """
    snapshot = take_snapshot(pfs, ref, cancel)
    matches = _matches(snapshot, path, tag)
    return _regroup(_archive(pfs, snapshot, matches, tag))


def _matches(snapshot: Snapshot, path: str, tag: str) -> list[Node]:
    glob = compile_glob(path)
    if glob.prefix == glob.pattern:
        return snapshot.find(glob.pattern, tag)
    found = [node for node in trees.matching(snapshot.get, snapshot.root, glob) if owned_by(node, tag)]
    if not found:
        raise snapshot.not_found(path)
    return found


def _only_file(matches: list[Node]) -> Content:
    if len(matches) > 1:
        raise InvalidArgument(
            "matched multiple files. Use GetFileTAR instead", "`pachctl get file -r` gets them all"
        )
    entry = matches[0].entry
    if entry is None:
        raise InvalidArgument(
            "cannot get directory or non-regular file. Use GetFileTAR instead",
            "`pachctl get file -r` gets it",
        )
    return entry.content


def _archive(pfs: Pfs, snapshot: Snapshot, matches: Iterable[Node], tag: str) -> Iterator[bytes]:
    done = ""
    for match in matches:
        if done and match.path.startswith(done):
            continue  # it came with its folder
        if match.is_dir:
            done = match.path
        for node in _below(snapshot, match, tag):
            yield _header(node, snapshot.committed)
            if node.entry:
                yield from pfs.store.read(node.entry.content)
                yield bytes(-node.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _below(snapshot: Snapshot, match: Node, tag: str) -> Iterator[Node]:
    if not match.is_dir:
        yield match
        return
    path = match.path.rstrip("/") or "/"
    for node in trees.walk(snapshot.get, snapshot.root, path):
        if node.path.startswith(match.path) and owned_by(node, tag):
            yield node


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
