"""Whole contents made of objects: storing, appending, reading a part."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from itertools import chain

from blake3 import blake3

from calf.model.content import Content
from calf.model.errors import IntegrityError
from calf.storage.behind import Behind
from calf.storage.chunks import LEAST, cut, large
from calf.storage.objects import EMPTY_HASH, object_id

Get = Callable[[bytes], bytes]
"""Gives the verified bytes of an object."""
Put = Callable[[bytes | memoryview], bytes]
"""Stores an object and gives its id."""
PutAll = Callable[[Sequence[bytes], Sequence[bytes | memoryview]], object]
"""Stores objects; their ids come first."""

EMPTY = Content(EMPTY_HASH, 0, ())
_ALONE = 4 << 20
_FEW = 8
"""So few bytes, and so few chunks, are hashed at once: to begin a thread for them would not pay."""


def store_whole(put_all: PutAll, data: bytes) -> Content:
    """Store a content that is in memory."""
    if not data:
        return EMPTY
    if len(data) > LEAST:
        return _store(put_all, (data,), ())
    [content] = store_many(put_all, (data,))
    return content


def store_many(put_all: PutAll, datas: Sequence[bytes | memoryview]) -> list[Content]:
    """Store contents that are in memory, none of them above the size of the smallest chunk."""
    found = [Content(oid := object_id(data), len(data), (oid,)) if data else EMPTY for data in datas]
    put_all([content.hash for content in found if content.size], [data for data in datas if data])
    return found


def store_stream(put_all: PutAll, pieces: Iterable[bytes | memoryview]) -> Content:
    """Store a content of any size, holding a few megabytes of it, or a few pieces."""
    rest = iter(pieces)
    head: list[bytes | memoryview] = []
    size = 0
    for piece in rest:
        head.append(piece)
        size += len(piece)
        if size > LEAST:
            return _store(put_all, chain(head, rest), ())
    return store_whole(put_all, b"".join(head))


def store_appended(get: Get, put_all: PutAll, old: Content, pieces: Iterable[bytes | memoryview]) -> Content:
    """The content `old` followed by `pieces`, chunked as if it had been stored at once.

    Old chunks but the last are kept; they are read all the same, since `hash` is over the whole content.
    """
    if not old.chunks:
        return store_stream(put_all, pieces)
    *kept, last = old.chunks
    return _store(put_all, chain((get(last),), pieces), kept, get)


def _store(
    put_all: PutAll, pieces: Iterable[bytes | memoryview], kept: Iterable[bytes], get: Get | None = None
) -> Content:
    hasher = blake3()
    chunks: list[bytes] = []
    size = 0
    for oid in kept:
        assert get is not None
        data = get(oid)
        hasher.update(data)
        size += len(data)
        chunks.append(oid)
    with closing(_hash(hasher, large(pieces))) as hashed:
        for oids, some in hashed:
            put_all(oids, some)
            size += sum(map(len, some))
            chunks += oids
    return Content(chunks[0] if len(chunks) == 1 else hasher.digest(), size, tuple(chunks))


def _hash(
    hasher: blake3, windows: Iterable[memoryview]
) -> Generator[tuple[list[bytes], list[bytes | memoryview]], None, None]:
    """The chunks of these bytes with their ids, some at a time; all bytes go into the hash of the whole.

    Cutting, the ids and the hash of the whole take as long as each other: each has a thread of its own, but
    for the first bytes, since few files have more.
    """
    whole, ids = Behind(hasher.update, 1), Behind(_ids, 1)
    waiting: deque[tuple[Future[list[bytes]], list[bytes | memoryview]]] = deque()

    def seen() -> Iterator[memoryview]:
        for number, window in enumerate(windows):
            (whole.bring if number or len(window) > _ALONE else hasher.update)(window)
            yield window

    try:
        for number, some in enumerate(cut(seen())):
            if not number and len(some) <= _FEW:
                yield _ids(some), some
                continue
            waiting.append((ids.bring(some), some))
            if len(waiting) > 1:
                oids, stored = waiting.popleft()
                yield oids.result(), stored
        for oids, stored in waiting:
            yield oids.result(), stored
        whole.settle()
    finally:
        whole.stop()
        ids.stop()


def _ids(some: Sequence[bytes | memoryview]) -> list[bytes]:
    return [object_id(chunk) for chunk in some]


def read_range(
    get_each: Callable[[Sequence[bytes]], Iterator[bytes]],
    size_of: Callable[[bytes], int],
    content: Content,
    offset: int,
    size: int | None,
) -> Iterator[bytes]:
    """Bytes `offset` to `offset + size` (None: to the end), a piece at a time; past the end there is nothing.

    `get_each` gives the bytes of objects one after another, in pieces of whatever size. Chunks before
    `offset` are not read. Raises `IntegrityError` when the chunks do not add up to the content.
    """
    end = content.size if size is None else min(content.size, offset + size)
    if offset >= end:
        return
    position = skipped = 0
    while offset and skipped < len(content.chunks):
        length = size_of(content.chunks[skipped])
        if position + length > offset:
            break
        position += length
        skipped += 1
    for data in get_each(content.chunks[skipped:]):
        start, stop = max(0, offset - position), end - position
        position += len(data)
        yield data if start == 0 and stop >= len(data) else data[start:stop]
        if position >= end:
            return
    raise IntegrityError(f"content {content.hash.hex()} has {position} bytes instead of {content.size}")
