"""Slots: so many at once, and whoever waits can leave."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import Cancelled
from calf.pps.scheduler.slots import Slots


def test_a_slot_is_free_again_after_use() -> None:
    slots = Slots(1)
    for _ in range(3):
        with slots.hold(CancelToken()):
            pass


def test_one_who_waits_can_be_told_to_leave_and_takes_no_slot() -> None:
    slots, cancel = Slots(1), CancelToken()
    left = Event()

    def wait() -> None:
        with pytest.raises(Cancelled), slots.hold(cancel):
            raise AssertionError("there was no slot")
        left.set()

    with slots.hold(CancelToken()):
        thread = Thread(target=wait)
        thread.start()
        cancel.cancel()
        assert left.wait(10)
        thread.join()
    with slots.hold(CancelToken()):
        pass
