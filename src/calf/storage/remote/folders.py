"""Folders of this machine, as far as the server's owner opened them."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from calf.kit.atomic import Draft, sync_dir
from calf.kit.paths import safe_join
from calf.model.errors import Denied
from calf.storage.remote.errors import malformed, missing, refused
from calf.storage.remote.values import RemoteFile

_PIECE = 1 << 20


def open_folder(url: str, folders: Sequence[Path], closed: Sequence[Path]) -> Folder:
    """The folder or file of this machine that `url` (`file:///…` or an absolute path) names.

    Raises `Denied` unless it lies in one of `folders`, links followed, and in none of `closed`.
    """
    if "\0" in unquote(url):
        raise malformed(url, "no path has a NUL in it")
    folder = Folder(url, _path(url), tuple(folders), tuple(closed))
    folder.check(folder.path)
    return folder


def _path(url: str) -> Path:
    if url.startswith("/"):
        return Path(url)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise malformed(url, str(error)) from None
    if parts.netloc not in ("", "localhost"):
        raise malformed(url, f"it names the machine {parts.netloc}", "write file:///path, with three slashes")
    return Path(unquote(parts.path) or "/")


@dataclass(frozen=True, slots=True)
class Folder:
    """A `Remote` on this machine. Written files are durable."""

    url: str
    path: Path
    folders: tuple[Path, ...]
    closed: tuple[Path, ...]

    def check(self, path: Path) -> None:
        """Raise `Denied` for a path that is not open to clients."""
        real = path.resolve()
        if not any(real.is_relative_to(folder.resolve()) for folder in self.folders):
            raise refused(
                self.url,
                f"{real} is in no folder that this server opens to its clients;"
                " start the server with `calf up --folder DIR` (or CALF_FOLDERS)",
                "",
            )
        if any(real.is_relative_to(folder.resolve()) for folder in self.closed):
            raise refused(self.url, f"{real} is the server's own", "choose another folder")

    def list(self) -> Iterator[RemoteFile]:
        """Regular files, and links to such; folders behind links are not entered."""
        for folder, names, files in os.walk(self.path):
            names.sort()
            for name in sorted(files):
                path = Path(folder, name)
                size = _size(path)
                if size is not None and self._is_open(path):
                    yield RemoteFile(str(path.relative_to(self.path)), size)

    def read(self, name: str = "") -> Iterator[bytes]:
        """The bytes of one file."""
        path = self._at(name)
        if not path.is_file():
            raise missing(f"file://{path}")
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece
        except OSError as error:
            raise _unreadable(path, error) from error

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write beside the destination, then rename."""
        path = self._at(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = Draft(path.with_name(f".{uuid.uuid4().hex}.draft"))
        except OSError as error:
            raise _unreadable(path, error) from error
        try:
            for piece in pieces:
                draft.write(piece)
            draft.path.chmod(0o644)
            draft.sync()
            draft.publish(path)
        except BaseException as error:
            draft.discard()
            draft.path.unlink(missing_ok=True)  # a draft that could not be published is closed already
            if isinstance(error, IsADirectoryError):
                raise _unreadable(path, error) from error
            raise
        sync_dir(path.parent)

    def _at(self, name: str) -> Path:
        path = safe_join(self.path, name)
        self.check(path)
        return path

    def _is_open(self, path: Path) -> bool:
        try:
            self.check(path)
        except Denied:
            return False
        return True


def _size(path: Path) -> int | None:
    """Of a regular file; None for anything else, and for what is just being taken away."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _unreadable(path: Path, error: OSError) -> Denied:
    return refused(f"file://{path}", error.strerror or str(error), "the server's user must have access to it")
