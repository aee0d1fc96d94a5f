"""Reading a file that a client handed over, into memory that is used again.

New memory has to be found and cleared by the kernel, page by page: a tenth of what storing a large file
costs.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from io import FileIO

_PIECE = 4 << 20
_LEAST = 64 << 10
"""What is read of a file at once that says that it is smaller, and is not: many pieces would be kept."""


def read_handed(descriptors: deque[int]) -> Iterator[memoryview]:
    """The bytes of the next of these open files, taken out when reading begins and closed at its end.

    A piece stays as it is for as long as anybody keeps it.
    """
    with os.fdopen(descriptors.popleft(), "rb", buffering=0) as file:
        said = os.fstat(file.fileno()).st_size + 1
        size = min(max(said, _LEAST), _PIECE)  # no more room is made than it needs
        rooms: list[bytearray] = []
        while True:
            room = _free(rooms, size)
            if not (got := _fill(file, room)):
                return
            yield memoryview(room)[:got]


def _fill(file: FileIO, room: bytearray) -> int:
    """Read until there is no more room, or no more file; some give little at a time."""
    got = 0
    with memoryview(room) as free:
        while more := file.readinto(free[got:]):
            got += more
    return got


def _free(rooms: list[bytearray], size: int) -> bytearray:
    """Room that nobody looks into any more: as long as somebody does, Python refuses to change its size."""
    for room in rooms:
        try:
            room.pop()
        except BufferError:
            continue
        room.append(0)
        return room
    rooms.append(bytearray(size))
    return rooms[-1]
