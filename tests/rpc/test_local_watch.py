"""Calls of the local door end when their clients go, and no others do."""

from __future__ import annotations

import socket
import threading

from calf.kit.cancel import CancelToken
from calf.rpc.local_watch import Watch


def test_a_call_is_cancelled_when_its_client_goes() -> None:
    watch, (here, there) = Watch(), socket.socketpair()
    token, noticed = CancelToken(), threading.Event()
    token.on_cancel(noticed.set)
    watch.add(here, token)
    there.close()
    assert noticed.wait(10)
    watch.remove(here)
    watch.close()
    here.close()


def test_late_word_of_a_client_that_went_does_not_end_the_call_that_has_its_descriptor_now() -> None:
    watch, (here, there) = Watch(), socket.socketpair()
    token, ended = CancelToken(), threading.Event()
    token.on_cancel(ended.set)
    watch.add(here, token)
    watch.told(here.fileno())
    watch.told(there.fileno())
    assert not ended.is_set()
    there.shutdown(socket.SHUT_RDWR)
    watch.told(here.fileno())
    assert ended.is_set()
    watch.close()
    for end in (here, there):
        end.close()
