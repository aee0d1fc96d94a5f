"""A server that is told to stop hears it at whatever moment that comes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from calf.daemon.serve import _told_to_stop

BOTH = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = [signal.getsignal(number) for number in BOTH]
    yield
    for number, handler in zip(BOTH, before, strict=True):
        signal.signal(number, handler)
    signal.set_wakeup_fd(-1)


@pytest.mark.parametrize("number", BOTH)
def test_it_stays_told_whether_somebody_listens_at_that_moment_or_not(number: int) -> None:
    told, _ = _told_to_stop()
    assert not told.poll(0)
    os.kill(os.getpid(), number)
    assert told.poll(10_000)
    assert told.poll(0)
