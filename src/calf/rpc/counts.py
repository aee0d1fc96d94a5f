"""Numbers by which clients say how much they want. 0 is what they send for "all of it"."""

from __future__ import annotations

from sys import maxsize

from calf.model.errors import InvalidArgument
from calf.wire.messages import Message


def read_count(number: int, name: str = "number") -> int:
    """A number that is to be had. Raises `InvalidArgument` for a negative one."""
    if number < 0:
        raise InvalidArgument(f"{name} must not be negative, but is {number}", "0 means no limit")
    return min(number, maxsize)


def read_page(page: Message) -> tuple[int, int | None]:
    """The places of the first record of a page and of the first beyond it (None: there is no end)."""
    size = read_count(page.page_size, "page_size")
    first = min(read_count(page.page_index, "page_index") * size, maxsize)
    return first, min(first + size, maxsize) if size else None
