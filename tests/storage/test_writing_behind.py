from __future__ import annotations

import threading
from functools import partial

import pytest

from calf.model.errors import NoSpace
from calf.storage.behind import Behind, write_joined


def test_writes_keep_their_order_and_small_ones_are_joined() -> None:
    written: list[bytes] = []
    behind = Behind(partial(write_joined, lambda blob: written.append(bytes(blob))), 4)
    blobs = [[b"a", b"b", bytes([number]) * 70_000, b"c"] for number in range(20)]
    for some in blobs:
        behind.bring(some)
    behind.settle()
    behind.stop()
    assert b"".join(written) == b"".join(b"".join(some) for some in blobs)
    assert len(written) == 60


def test_what_a_write_raises_comes_out_and_nothing_hangs() -> None:
    def full(_blob: bytes | memoryview) -> None:
        raise NoSpace("no space left")

    behind = Behind(partial(write_joined, full), 4)
    behind.bring([b"x"])
    with pytest.raises(NoSpace):
        behind.settle()
    for _ in range(4):
        behind.bring([b"x"])
    with pytest.raises(NoSpace):
        behind.bring([b"x"])
    behind.stop()
    behind.stop()


def test_no_thread_is_left_and_what_was_not_begun_is_dropped() -> None:
    go, begun = threading.Event(), threading.Event()
    written: list[bytes] = []

    def slow(blob: bytes | memoryview) -> None:
        begun.set()
        assert go.wait(10)
        written.append(bytes(blob))

    behind = Behind(partial(write_joined, slow), 4)
    behind.bring([b"1"])
    behind.bring([b"2"])
    assert begun.wait(10)
    threading.Timer(0.05, go.set).start()
    behind.stop()
    assert written == [b"1"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("behind")]


def test_nothing_is_written_of_nothing() -> None:
    write_joined(lambda _blob: pytest.fail("there is nothing"), [])
