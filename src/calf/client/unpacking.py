"""Making files below a folder as our own server sends them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from calf.kit.paths import safe_join
from calf.model.errors import IntegrityError
from calf.wire.messages import Message

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE = 0o666


def open_new(path: Path | str) -> BinaryIO:
    """Open a file for writing, replacing one of that name, never following a link there."""
    return os.fdopen(os.open(path, _NEW, _MODE), "wb")


def unpack_files(parts: Iterable[Message], into: Path, progress: Callable[[int], None]) -> int:
    """Make the folders and files of a stream of GetFilesResponse below `into`; gives the number of files."""
    folders = _Folders(into)
    count = 0
    current: BinaryIO | None = None
    try:
        for part in parts:
            if part.path or not part.piece:
                if current is not None:
                    current.close()
                current = None
            if part.folder:
                folders.place(f"{part.folder.rstrip('/')}/.")
            elif part.files.paths:
                count += _write_small(part.files, folders)
                progress(len(part.files.data))
            elif part.path:
                current = open_new(folders.place(part.path))
                count += 1
            if part.piece:
                if current is None:
                    raise IntegrityError("the server sent bytes of no file")
                _write_all(current.fileno(), memoryview(part.piece))
                progress(len(part.piece))
    finally:
        if current is not None:
            current.close()
    return count


class _Folders:
    """Where paths lie; makes the folders on the way, once each."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self._made: dict[str, str] = {}

    def place(self, path: str) -> str:
        """The place of a file, whose folder is there then; of a folder when the name is `.`.

        Raises InvalidArgument for what would lie elsewhere.
        """
        folder, _, name = path.rpartition("/")
        made = self._made.get(folder)
        if made is None:
            where = safe_join(self._into, folder)
            where.mkdir(parents=True, exist_ok=True)
            made = self._made[folder] = str(where)
        if name == ".":
            return made
        if not name or name == ".." or "\0" in name:
            safe_join(self._into, path)
            raise IntegrityError(f"the server sent a file without a name: {path}")
        return f"{made}/{name}"


def _write_small(files: Message, folders: _Folders) -> int:
    data, start = memoryview(files.data), 0
    if len(files.paths) != len(files.sizes) or sum(files.sizes) != len(data) or min(files.sizes) < 0:
        raise IntegrityError("the server sent files whose sizes and bytes do not belong together")
    for path, size in zip(files.paths, files.sizes, strict=True):
        descriptor = os.open(folders.place(path), _NEW, _MODE)
        try:
            _write_all(descriptor, data[start : start + size])
        finally:
            os.close(descriptor)
        start += size
    return len(files.paths)


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
