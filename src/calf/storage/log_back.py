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


def told_back(again: Opener, size: int, newest: float) -> Iterator[Told]:
    """The whole lines within the first `size` bytes that are not after `newest`, the last first."""
    order = newest
    for raw in _raw_back(again, size, newest):
        at, user, text = parse_line(raw)
        if at <= newest:
            order = at or order
            yield order, at, user, text


def merged(logs: Iterable[tuple[float, Iterator[Told]]]) -> Iterator[tuple[int, Told]]:
    """The lines of several logs by time, the newest first, each with the number of its log.

    With each log comes a time that none of its lines is after: it is looked into once that time is reached.
    """
    heap: list[tuple[float, int, Told | None, Iterator[Told]]] = [
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
        else:
            heapreplace(heap, (-following[0], number, following, lines))


def _raw_back(again: Opener, size: int, newest: float) -> Iterator[bytes]:
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
        lines = block.split(b"\n")[:-1]
        rest = lines.pop(0) + b"\n" if place else b""
        for line in reversed(lines):
            yield line + b"\n"


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
