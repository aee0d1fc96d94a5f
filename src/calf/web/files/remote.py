"""A file of a commit as a Python file: read where it is asked for, and never more than is allowed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from calf.client.connection import Client
from calf.client.get import get_file
from calf.kit.paths import GLOB_CHARACTERS
from calf.views.differences.pair import Unreadable
from calf.wire.messages import Message, pfs

_AHEAD = 256 * 1024
_SPECIAL = re.compile("[" + re.escape("".join(sorted(GLOB_CHARACTERS)) + "\\") + "]")


@dataclass(frozen=True, slots=True)
class Remote:
    """A file where it lies: `size` in bytes as the server tells it."""

    client: Client
    file: Message
    size: int

    @property
    def path(self) -> str:
        """Its path in the commit."""
        return str(self.file.path)

    def open(self, most: int) -> io.BufferedReader:
        """The file, of which `most` bytes may be read in all; then `Unreadable` is raised."""
        return io.BufferedReader(_Reading(self._pieces, self.size, most), _AHEAD)

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`."""
        return b"".join(self.pieces(start, length))

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        """The same, as they come."""
        found = self._pieces(start)
        try:
            for piece in found:
                if len(piece) >= length:
                    yield bytes(piece[:length])
                    return
                length -= len(piece)
                yield bytes(piece)
        finally:
            found.close()

    def whole(self, most: int) -> bytes:
        """All of it. Raises `Unreadable` for a file of more than `most` bytes."""
        if self.size > most:
            raise Unreadable(f"{self.path} is large")
        return self.read(0, most)

    def _pieces(self, start: int) -> Any:
        file = pfs.File(commit=self.file.commit, path=literal(self.path))
        return get_file(self.client, file, start)


def literal(path: str) -> str:
    """A path as a pattern that only it matches; GetFile and GlobFile take paths for patterns."""
    return _SPECIAL.sub(r"\\\g<0>", path)


class _Reading(io.RawIOBase):
    """Reads on while it is asked for what follows; begins anew elsewhere."""

    def __init__(self, pieces: Callable[[int], Any], size: int, most: int) -> None:
        self._pieces, self._size, self._left = pieces, size, most
        self._at = self._reached = 0
        self._stream: Any = None
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("there is nothing before the beginning")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # always a memoryview here
        if self._stream is None or self._reached != self._at:
            self._begin()
        while not self._rest:
            piece = next(self._stream, None) if self._stream else None
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        length = min(len(buffer), len(self._rest))
        if length > self._left:
            raise Unreadable("more of the file would have to be read than is for a preview")
        buffer[:length] = self._rest[:length]
        self._rest = self._rest[length:]
        self._left -= length
        self._at += length
        self._reached = self._at
        return length

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        super().close()

    def _begin(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._rest = memoryview(b"")
        self._stream = None if self._at >= self._size else self._pieces(self._at)
        self._reached = self._at
