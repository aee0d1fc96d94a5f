from __future__ import annotations

from functools import cache

import pytest

from calf.model.content import Content
from calf.storage.objects import object_id
from calf.storage.trees.builder import rank


class Objects:
    """Objects in memory; counts reads."""

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}
        self.reads = 0

    def get(self, oid: bytes) -> bytes:
        self.reads += 1
        return self.data[oid]

    def put(self, data: bytes | memoryview) -> bytes:
        oid = object_id(data)
        self.data[oid] = bytes(data)
        return oid


@pytest.fixture
def objects() -> Objects:
    return Objects()


@cache
def names_by_rank() -> tuple[str, ...]:
    """Names of which many end a page, some two levels of them: small trees with many pages."""
    found: dict[int, list[str]] = {0: [], 1: [], 2: []}
    wanted = {0: 10, 1: 12, 2: 6}
    number = 0
    while any(len(found[r]) < wanted[r] for r in wanted):
        name = f"n{number}"
        for key in (name, name + "/"):
            r = min(rank(key), 2)
            if len(found[r]) < wanted[r]:
                found[r].append(name)
                break
        number += 1
    return tuple(sorted({name for names in found.values() for name in names}))


def content(text: str) -> Content:
    """A content of one chunk that needs no store."""
    data = text.encode()
    oid = object_id(data)
    return Content(oid, len(data), (oid,) if data else ())
