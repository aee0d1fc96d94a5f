"""Many small files as one gzipped tar, in pieces, while they are made."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from typing import IO, cast

Part = tuple[str, bytes]
"""A file's name and what is in it."""


def archive(parts: Iterable[Part], moment: float) -> Iterator[bytes]:
    """The pieces of a `.tar.gz` with these files, dated `moment`; each part is asked for in its turn."""
    sink = _Sink()
    with tarfile.open(fileobj=cast("IO[bytes]", sink), mode="w|gz") as tar:
        for name, data in parts:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(data), int(moment)
            tar.addfile(entry, io.BytesIO(data))
            yield from sink.drain()
    yield from sink.drain()


class _Sink:
    """Keeps what is written until it is taken away."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def drain(self) -> Iterator[bytes]:
        pieces, self._pieces = self._pieces, []
        yield from pieces
