from __future__ import annotations

import threading

import pytest

from calf.model.errors import NoSpace
from calf.storage.behind import WriteBehind, write_joined


def test_writes_keep_their_order_and_small_ones_are_joined() -> None:
    written: list[bytes] = []
    behind = WriteBehind(lambda blob: written.append(bytes(blob)))
    blobs = [[b"a", b"b", bytes([number]) * 70_000, b"c"] for number in range(20)]
    for some in blobs:
        behind.write(some)
    behind.settle()
    behind.stop()
    assert b"".join(written) == b"".join(b"".join(some) for some in blobs)
    assert len(written) == 60


def test_what_a_write_raises_comes_out_and_nothing_hangs() -> None:
    def full(_blob: bytes | memoryview) -> None:
        raise NoSpace("no space left")

    behind = WriteBehind(full)
    behind.write([b"x"])
    with pytest.raises(NoSpace):
        behind.settle()
    for _ in range(4):
        behind.write([b"x"])
    with pytest.raises(NoSpace):
        behind.write([b"x"])
    behind.stop()
    behind.stop()


def test_no_thread_is_left_and_what_was_not_begun_is_dropped() -> None:
    go, begun = threading.Event(), threading.Event()
    written: list[bytes] = []

    def slow(blob: bytes | memoryview) -> None:
        begun.set()
        assert go.wait(10)
        written.append(bytes(blob))

    behind = WriteBehind(slow)
    behind.write([b"1"])
    behind.write([b"2"])
    assert begun.wait(10)
    threading.Timer(0.05, go.set).start()
    behind.stop()
    assert written == [b"1"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pack")]


def test_nothing_is_written_of_nothing() -> None:
    write_joined(lambda _blob: pytest.fail("there is nothing"), [])
