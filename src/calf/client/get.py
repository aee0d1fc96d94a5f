"""Getting files: one as a stream of pieces, a tree unpacked below a folder."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from calf.client.connection import Client
from calf.client.new_file import new_file
from calf.client.unpacking import unpack_files
from calf.kit.paths import safe_join
from calf.model.errors import IntegrityError
from calf.wire.messages import Message, calf, pfs

_PIECE = 1024 * 1024


def get_file(client: Client, file: Message, offset: int = 0) -> Iterator[bytes]:
    """The bytes of one file from `offset`, in pieces. Raises CalfError."""
    for piece in client.pfs.GetFile(pfs.GetFileRequest(file=file, offset=offset)):
        yield piece.value


def get_tree(
    client: Client, file: Message, into: Path, progress: Callable[[int], None] = lambda _size: None
) -> int:
    """Unpack every file that `file` (a path or a glob) matches below the folder `into`; gives their number.

    Only regular files and folders are made, and none outside of `into`, whatever the server sends.
    """
    if client.hands_files:
        return unpack_files(client.files.GetFiles(calf.GetFilesRequest(file=file)), into, progress)
    with open_archive(client, file) as members:
        return sum(_unpack(member, content, into, progress) for member, content in members)


Member = tuple[tarfile.TarInfo, IO[bytes] | None]
"""A file with its content, or a folder without."""


@contextmanager
def open_archive(client: Client, file: Message) -> Iterator[Iterator[Member]]:
    """What `file` (a path or a glob) matches, as any server streams it; read each file before the next.

    Raises CalfError: `IntegrityError` for an archive that is cut off, or that holds links and the like.
    """
    reader = _Reader(piece.value for piece in client.pfs.GetFileTAR(pfs.GetFileRequest(file=file)))
    try:
        with tarfile.open(fileobj=io.BufferedReader(reader, _PIECE), mode="r|") as archive:
            yield _members(archive)
    except tarfile.ReadError as error:
        raise IntegrityError(f"the server's archive ends or breaks in the middle: {error}") from error


def _members(archive: tarfile.TarFile) -> Iterator[Member]:
    while (member := archive.next()) is not None:
        if not (member.isdir() or member.isreg()):
            raise IntegrityError(
                f"the server's archive holds {member.name}, which is neither a file nor a folder"
            )
        yield member, archive.extractfile(member)
        # a stream of a million files must not be remembered
        archive.members = []  # type: ignore[attr-defined]  # typeshed lacks it


def _unpack(
    member: tarfile.TarInfo, content: IO[bytes] | None, into: Path, progress: Callable[[int], None]
) -> int:
    target = safe_join(into, member.name)
    if content is None:
        target.mkdir(parents=True, exist_ok=True)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with new_file(target) as output:
        while piece := content.read(_PIECE):
            output.write(piece)
            progress(len(piece))
    return 1


class _Reader(io.RawIOBase):
    """An iterator of pieces as a readable file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the buffer is always a memoryview here
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
