"""Making files below a folder as our own server sends them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from calf.client.new_file import NewFile, write_all, write_small
from calf.kit.paths import safe_join
from calf.model.errors import IntegrityError
from calf.wire.messages import Message


def unpack_files(parts: Iterable[Message], into: Path, progress: Callable[[int], None]) -> int:
    """Make the folders and files of a stream of GetFilesResponse below `into`; gives the number of files.

    A file has its name once all of its bytes are there.
    """
    making = _Making(_Folders(into), progress)
    try:
        for part in parts:
            making.take(part)
        making.end_file()
    except BaseException:
        making.give_up()
        raise
    return making.count


class _Making:
    """The large file that is on its way, and the number of files so far."""

    def __init__(self, folders: _Folders, progress: Callable[[int], None]) -> None:
        self._folders = folders
        self._progress = progress
        self._current: NewFile | None = None
        self.count = 0

    def take(self, part: Message) -> None:
        """Do what the next message says."""
        if part.path or not part.piece:
            self.end_file()
        if part.folder:
            self._folders.place(f"{part.folder.rstrip('/')}/.")
        elif part.files.paths:
            self.count += _write_small(part.files, self._folders)
            self._progress(len(part.files.data))
        elif part.path:
            self._current = NewFile(self._folders.place(part.path))
            self.count += 1
        if part.piece:
            if self._current is None:
                raise IntegrityError("the server sent bytes of no file")
            write_all(self._current.file.fileno(), memoryview(part.piece))
            self._progress(len(part.piece))

    def end_file(self) -> None:
        """Give the file its name of which all has come."""
        current, self._current = self._current, None
        if current is not None:
            current.keep()

    def give_up(self) -> None:
        """Leave nothing of a file of which not all has come."""
        if self._current is not None:
            self._current.discard()


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
        write_small(folders.place(path), data[start : start + size])
        start += size
    return len(files.paths)
