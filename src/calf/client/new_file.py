"""Files that get their name when all of their bytes are there; what stood under it stays until then."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_IN_PLACE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_MODE = 0o666


class NewFile:
    """A file on its way to `path`, under another name beside it until `keep`.

    A pipe or a device at `path` is written to as it is, and so is a file that cannot be replaced, in a folder
    of somebody else's or mounted by itself. Never follows a link there. Not synced: a copy of what the server
    has.
    """

    __slots__ = ("_draft", "_path", "file")

    def __init__(self, path: Path | str) -> None:
        """Raises OSError for a folder and for a link."""
        self._path = os.fspath(path)
        mode = _mode(self._path)
        self._draft = "" if mode and not stat.S_ISREG(mode) else _beside(self._path)
        with _called(self._path):
            self.file: BinaryIO = self._open(mode)

    def _open(self, mode: int) -> BinaryIO:
        if not self._draft:
            return open_in_place(self._path)
        try:
            descriptor = os.open(self._draft, _FRESH, _MODE)
        except PermissionError:
            if not mode:
                raise
            self._draft = ""  # nothing new may lie in that folder, but the file may be written to
            return open_in_place(self._path)
        try:
            if mode:
                os.fchmod(descriptor, stat.S_IMODE(mode))
            return os.fdopen(descriptor, "wb")
        except BaseException:
            os.close(descriptor)
            os.unlink(self._draft)  # noqa: PTH108 - of many, and made of texts
            raise

    def keep(self) -> None:
        """Close it and give it its name; it is not there if this raises."""
        try:
            with _called(self._path):
                self.file.close()
                if self._draft:
                    self._replace()
        except BaseException:
            self.discard()
            raise

    def _replace(self) -> None:
        try:
            os.replace(self._draft, self._path)  # noqa: PTH105 - as above
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            from shutil import copyfileobj

            with Path(self._draft).open("rb") as whole, open_in_place(self._path) as mounted:
                copyfileobj(whole, mounted)
            os.unlink(self._draft)  # noqa: PTH108 - as above

    def discard(self) -> None:
        """Close it and remove what there is of it."""
        with suppress(OSError):  # what could not be written is given up here
            self.file.close()
        if self._draft:
            with suppress(FileNotFoundError):
                os.unlink(self._draft)  # noqa: PTH108 - as above


def open_in_place(path: Path | str) -> BinaryIO:
    """Open a file that has its name from the start, in place of one that has it; never follows a link."""
    return os.fdopen(os.open(path, _IN_PLACE, _MODE), "wb")


@contextmanager
def new_file(path: Path | str) -> Iterator[BinaryIO]:
    """A file to write; under its name at the end of the block, and nowhere after an exception."""
    new = NewFile(path)
    try:
        yield new.file
        new.file.flush()
    except BaseException as error:
        new.discard()
        if isinstance(error, OSError) and error.filename is None:
            error.filename = os.fspath(path)  # a full disk does not say of which file
        raise
    new.keep()


def write_small(path: str, data: memoryview) -> None:
    """A whole file at once. A name that nobody has is taken first: one call less for each of ten thousand."""
    try:
        descriptor = os.open(path, _FRESH, _MODE)
    except FileExistsError:
        with new_file(path) as file:
            file.write(data)
        return
    try:
        try:
            write_all(descriptor, data)
        finally:
            os.close(descriptor)
    except BaseException:
        os.unlink(path)  # noqa: PTH108 - as above
        raise


def write_all(descriptor: int, data: memoryview) -> None:
    """Write all of it, however much goes at a time."""
    while data:
        data = data[os.write(descriptor, data) :]


@contextmanager
def _called(path: str) -> Iterator[None]:
    """Have errors tell the name that was asked for, and not that of a draft."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = path, None
        raise


def _mode(path: str) -> int:
    try:
        return os.lstat(path).st_mode
    except FileNotFoundError:
        return 0


def _beside(path: str) -> str:
    folder, _ = os.path.split(path)
    return os.path.join(folder, f".calf-{os.urandom(8).hex()}.part")  # noqa: PTH118 - as above
