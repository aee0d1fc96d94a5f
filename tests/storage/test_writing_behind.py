from __future__ import annotations

import threading

import pytest

from calf.model.errors import NoSpace
from calf.storage.behind import Behind


def test_what_is_brought_keeps_its_order() -> None:
    done: list[int] = []
    behind = Behind(done.append, 4)
    for number in range(20):
        behind.bring(number)
    behind.settle()
    behind.stop()
    assert done == list(range(20))


def test_what_the_work_raises_comes_out_and_nothing_hangs() -> None:
    def full(_data: bytes) -> None:
        raise NoSpace("no space left")

    behind = Behind(full, 4)
    behind.bring(b"x")
    with pytest.raises(NoSpace):
        behind.settle()
    for _ in range(4):
        behind.bring(b"x")
    with pytest.raises(NoSpace):
        behind.bring(b"x")
    behind.stop()
    behind.stop()


def test_no_thread_is_left_and_what_was_not_begun_is_dropped() -> None:
    go, begun = threading.Event(), threading.Event()
    written: list[bytes] = []

    def slow(data: bytes) -> None:
        begun.set()
        assert go.wait(10)
        written.append(data)

    behind = Behind(slow, 4)
    behind.bring(b"1")
    behind.bring(b"2")
    assert begun.wait(10)
    threading.Timer(0.05, go.set).start()
    behind.stop()
    assert written == [b"1"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("behind")]
