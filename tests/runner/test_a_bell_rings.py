"""Bells end waits, whatever number their descriptor has."""

from __future__ import annotations

import os
import select

from calf.runner.output import Wake

BEYOND_SELECT = 1024


def test_a_bell_with_a_high_descriptor_is_rung_and_cleared() -> None:
    others = [os.dup(0) for _ in range(BEYOND_SELECT)]
    wake = Wake()
    poller = select.poll()
    poller.register(wake.fd, select.POLLIN)
    try:
        assert wake.fd >= BEYOND_SELECT
        wake.clear()
        wake.ring()
        assert poller.poll(0)
        wake.clear()
        assert not poller.poll(0)
    finally:
        wake.close()
        for fd in others:
            os.close(fd)
