"""Cutting large contents where the content says so: an insertion changes one or two chunks and not all.

FastCDC with normalised chunking (Xia et al., USENIX ATC 2016), by a library. Sizes: 128 KiB least, 256 KiB
normal, 1 MiB most. Photos and pages of tables stay whole; a gigabyte is about 3,000 chunks, so the cost of a
chunk (a hash, an index row) vanishes beside that of its bytes; an edit re-writes about a third of a megabyte.

The sizes are part of the format: the same bytes must give the same chunks in every version of calf, or stored
data would stop being shared with new data (nothing would break).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyfastcdc import FastCDC

LEAST = 128 << 10
_NORMAL = 256 << 10
_MOST = 1 << 20
_WINDOW = 4 << 20

Bytes = bytes | memoryview


def cut(windows: Iterable[memoryview]) -> Iterator[list[Bytes]]:
    """The chunks of the concatenated windows, some at a time; the same ones however these are sized.

    A cut depends on at most 1 MiB after the cut before, so only the last chunk of what has come is not final.
    Holds two windows.
    """
    cutter = FastCDC(avg_size=_NORMAL, min_size=LEAST, max_size=_MOST)
    rest: Bytes = b""
    for window in windows:
        chunks = list(_bridge(cutter, rest, window)) if rest else []
        at = sum(map(len, chunks)) - len(rest)
        if at < len(window):
            chunks += (chunk.data for chunk in cutter.cut_buf(window[at:]))
        rest = chunks.pop()
        if chunks:
            yield chunks
    if rest:
        yield [rest]


def _bridge(cutter: FastCDC, rest: Bytes, window: memoryview) -> Iterator[Bytes]:
    """The chunks that begin in what is left of the window before."""
    end = 0
    for chunk in cutter.cut_buf(b"".join((rest, window[:_MOST]))):
        yield chunk.data
        end += chunk.length
        if end >= len(rest):
            return


def large(pieces: Iterable[Bytes]) -> Iterator[memoryview]:
    """The same bytes in pieces of 4 MiB or more, but for the last; only small ones are copied."""
    waiting: list[Bytes] = []
    size = 0
    for piece in pieces:
        if piece:
            waiting.append(piece)
            size += len(piece)
        if size >= _WINDOW:
            yield memoryview(waiting[0] if len(waiting) == 1 else b"".join(waiting))
            waiting, size = [], 0
    if size:
        yield memoryview(waiting[0] if len(waiting) == 1 else b"".join(waiting))
