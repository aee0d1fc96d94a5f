from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from calf.kit.errors import IntegrityError
from calf.model.content import Content
from calf.storage.chunks import cut, large
from calf.storage.store import Store

BIG = random.Random(7).randbytes(12_000_000)


def pieces(data: bytes, ends: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(end % (len(data) + 1) for end in ends)})
    return [data[a:b] for a, b in pairwise(places)]


def chunks_of(some: list[bytes]) -> list[bytes]:
    return [bytes(chunk) for chunks in cut(large(some)) for chunk in chunks]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, len(BIG)), max_size=6), st.integers(0, len(BIG)), st.booleans())
def test_chunks_do_not_depend_on_how_the_bytes_arrive(ends: list[int], size: int, dull: bool) -> None:
    data = (BIG[:3_333_333] + bytes(6_000_000) + BIG if dull else BIG)[:size]
    assert chunks_of(pieces(data, ends)) == chunks_of([data])


def test_many_small_pieces_are_cut_as_one() -> None:
    data = BIG[:9_999_999]
    assert chunks_of([data[at : at + 70_001] for at in range(0, len(data), 70_001)]) == chunks_of([data])


@pytest.mark.parametrize("size", [0, 1, 131_072, 131_073, 1_000_000, 9_000_000])
@pytest.mark.parametrize("kept", [0, 1, 100_000, 131_072, 500_000, 8_999_999])
def test_appending_gives_the_same_as_storing_at_once(store: Store, size: int, kept: int) -> None:
    data = BIG[:size]
    with store.writer() as writer:
        at_once = writer.stream([data])
        grown = writer.append(writer.stream([data[:kept]]), [data[kept:]])
        assert grown == at_once
        assert at_once.hash == blake3(data).digest()
        assert b"".join(writer.read(grown)) == data
        writer.seal()
    assert b"".join(store.read(at_once)) == data


def test_an_insertion_changes_few_chunks(store: Store) -> None:
    edited = BIG[:5_000_000] + b"inserted" + BIG[5_000_000:]
    with store.writer() as writer:
        old, new = writer.stream([BIG]), writer.stream([edited])
    assert len(set(new.chunks) - set(old.chunks)) <= 2
    assert len(old.chunks) > 20


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Content]]:
    """A store with `BIG`, only to be read."""
    store = Store.open(tmp_path_factory.mktemp("big"))
    with store.writer() as writer:
        content = writer.stream([BIG])
        writer.seal()
    yield store, content
    store.close()


@pytest.mark.parametrize("offset", [0, 1, 200_000, 11_999_999, 12_000_000, 13_000_000])
@pytest.mark.parametrize("size", [None, 0, 1, 3_000_000])
def test_any_part_can_be_read(stored: tuple[Store, Content], offset: int, size: int | None) -> None:
    store, content = stored
    end = None if size is None else offset + size
    assert b"".join(store.read(content, offset, size)) == BIG[offset:end]


def test_a_content_that_lacks_a_chunk_is_noticed(store: Store) -> None:
    with store.writer() as writer:
        content = writer.stream([BIG])
        writer.seal()
    short = Content(content.hash, content.size, content.chunks[:-1])
    with pytest.raises(IntegrityError, match="bytes instead of 12000000"):
        list(store.read(short))
