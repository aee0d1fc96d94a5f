"""Fresh ids."""

from __future__ import annotations

import uuid


def new_id() -> str:
    """A new global id: a UUIDv4 as 32 lower-case hex digits."""
    return uuid.uuid4().hex
