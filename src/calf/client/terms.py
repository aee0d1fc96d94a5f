"""What goes along with every call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LEASES = frozenset({"/calf_pps_v1.API/TryPipeline", "/calf_v1.Watching/Changes"})
"""Streams that last as long as the caller wants what they stand for: no deadline ends them."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Who calls, with what, and for how long."""

    agent: str = "calf"
    metadata: tuple[tuple[str, str], ...] = ()
    timeout: float | None = None
    """Seconds that an answer may take; a call that takes longer raises TimedOut."""
    certificates: bytes | None = None
    """Roots that a `grpcs://` server is trusted by, PEM; the machine's own when None."""
    at_once: Callable[[], None] | None = None
    """Told of each call that changes something at once although a transaction is open."""
