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
_WINDOW = 8 << 20


def cut(pieces: Iterable[bytes]) -> Iterator[bytes | memoryview]:
    """The chunks of the concatenated pieces. However these are sized, the chunks are the same.

    A cut depends on the bytes between the cut before and itself, so only a window's last chunk is not final.
    Holds about 8 MiB plus one piece.
    """
    cutter = FastCDC(avg_size=_NORMAL, min_size=LEAST, max_size=_MOST)
    waiting: list[bytes | memoryview] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _WINDOW:
            *final, rest = (chunk.data for chunk in cutter.cut_buf(b"".join(waiting)))
            yield from final
            waiting = [rest]
            size = len(rest)
    last = b"".join(waiting)
    if 0 < size <= LEAST:
        yield last
    elif size:
        yield from (chunk.data for chunk in cutter.cut_buf(last))
