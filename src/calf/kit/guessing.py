"""How often from one address a wrong token may be shown.

Past that, whoever comes from there is refused for a moment, also with a right token: otherwise each answer
would go on saying whether a guess was right. A connection over which a right one has come is spared, so that
a neighbour behind the same address ends nobody's work.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from array import array
from collections.abc import Callable
from urllib.parse import unquote

AT_ONCE = 20
"""Wrong tokens that an address may show one after another; each comes back to it after `PAUSE`."""
PAUSE = 1.0
"""Seconds."""
_SLOTS = 4096
"""Addresses share them by a hash that nobody knows beforehand, so the memory is always the same."""
_MOST_KNOWN = 1024


class Guesses:
    """The wrong tokens of the last moments, by address; thread-safe. `now` gives seconds that only grow."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._until = array("d", bytes(8 * _SLOTS))
        """When all that an address has shown will have come back to it."""
        self._known: dict[str, None] = {}

    def count(self, peer: str, tokens: int = 1) -> bool:
        """Note wrong tokens, of one call; whether that was too often, so that nothing may be said of them."""
        slot = _slot(peer)
        with self._lock:
            if self._is_full(slot):
                return True
            self._until[slot] = max(self._until[slot], self._now()) + tokens * PAUSE
            return False

    def spares(self, peer: str) -> bool:
        """Note a right token; whether who shows it may come in."""
        with self._lock:
            if peer not in self._known:
                if self._is_full(_slot(peer)):
                    return False
                if len(self._known) >= _MOST_KNOWN:
                    del self._known[next(iter(self._known))]
                self._known[peer] = None
            return True

    def _is_full(self, slot: int) -> bool:
        return self._until[slot] - self._now() > (AT_ONCE - 1) * PAUSE


def _slot(peer: str) -> int:
    return hash(address_of(peer)) % _SLOTS


def address_of(peer: str) -> str:
    """The address of a peer that gRPC calls `ipv4:192.0.2.1:4711`; of IPv6 the half that is the network's."""
    host = unquote(peer).partition(":")[2].rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Address(int(found) >> 64 << 64))
