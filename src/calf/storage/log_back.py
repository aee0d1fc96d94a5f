"""Logs from their ends: the newest lines first, and no more read than is taken.

No file stays open between two lines, so that any number of logs can be read side by side.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heapreplace
from pathlib import Path
from typing import BinaryIO

from calf.storage.log_line import parse_line

BLOCK = 1 << 16
_HEAD = 20
Opener = Callable[[], BinaryIO | None]
"""Opens the same file each time; None once it is gone."""
Told = tuple[float, float, bool, str]
"""A line's place in the order of time, which one torn by a crash has of its neighbour, and what it says."""
Rough = Callable[[str], bool]
"""Whether a text of many lines may hold one that is wanted; asked of single lines, too."""


def opener(paths: Iterable[Path], inode: int) -> Opener:
    """Of a file that is at one of the paths: logs move while they are read."""
    head = b""

    def again() -> BinaryIO | None:
        nonlocal head
        for path in paths:
            try:
                file = path.open("rb")
            except FileNotFoundError:
                continue
            begin = file.read(_HEAD)
            head = head or begin
            if begin == head and os.fstat(file.fileno()).st_ino == inode:  # numbers of files are used again
                return file
            file.close()
        return None

    return again


def told_back(again: Opener, size: int, newest: float, rough: Rough | None = None) -> Iterator[Told | float]:
    """The whole lines within the first `size` bytes that are not after `newest`, the last first.

    With `rough` those that it lets through; of a block that has none only the time of its begin.
    """
    order = newest
    for block in _blocks_back(again, size, newest):
        if rough is not None and not rough(block.decode(errors="replace")):
            order = _begin(block, newest) or order
            yield order
            continue
        for raw in reversed(block.split(b"\n")[:-1]):
            at, user, text = parse_line(raw + b"\n")
            if at <= newest:
                order = at or order
                if rough is None or rough(text):
                    yield order, at, user, text


def merged(logs: Iterable[tuple[float, Iterator[Told | float]]]) -> Iterator[tuple[int, Told]]:
    """The lines of several logs by time, the newest first, each with the number of its log.

    With each log comes a time that none of its lines is after: it is looked into once that time is reached.
    """
    heap: list[tuple[float, int, Told | None, Iterator[Told | float]]] = [
        (-bound, number, None, lines) for number, (bound, lines) in enumerate(logs)
    ]
    heapify(heap)
    while heap:
        _, number, told, lines = heap[0]
        if told is not None:
            yield number, told
        following = next(lines, None)
        if following is None:
            heappop(heap)
        elif isinstance(following, float):
            heapreplace(heap, (-following, number, None, lines))
        else:
            heapreplace(heap, (-following[0], number, following, lines))


def _blocks_back(again: Opener, size: int, newest: float) -> Iterator[bytes]:
    """Whole lines, a block of them at a time, the last block first."""
    place = size
    if size > BLOCK and (file := again()) is not None:
        with file:
            place = _behind(file, size, newest)
    rest: bytes | None = None  # the end of a line, once there is one
    while place > 0 and (file := again()) is not None:
        begin = max(0, place - BLOCK)
        with file:
            file.seek(begin)
            block = file.read(place - begin)
        place = begin
        block = block[: block.rfind(b"\n") + 1] if rest is None else block + rest
        if not block:  # of a line that is being written
            continue
        begin = block.index(b"\n") + 1 if place else 0
        rest, block = block[:begin], block[begin:]
        if block:
            yield block


def _begin(block: bytes, newest: float) -> float:
    """The time of the first line of a block that has one; 0.0 where there is none up to `newest`."""
    times = (parse_line(line + b"\n")[0] for line in block.split(b"\n"))
    first = next(filter(None, times), 0.0)
    return first if first <= newest else 0.0


def _behind(file: BinaryIO, size: int, newest: float) -> int:
    """A place that no line up to `newest` lies behind, found by halving."""
    low, high = 0, size
    while high - low > BLOCK:
        middle = (low + high) // 2
        file.seek(middle)
        start = middle + len(file.readline())
        if start < high and parse_line(file.readline() or b"\n")[0] > newest:
            high = start
        else:
            low = middle
    return high
