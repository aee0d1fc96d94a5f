"""Digests of critical rows: SQLite's pages have no checksum, so a row must be able to vouch for itself."""

from __future__ import annotations

import json

import blake3

Field = str | int | float | bytes | None


def row_digest(kind: str, *fields: Field | tuple[Field, ...]) -> bytes:
    """BLAKE3 (32 bytes) of a row's content; `kind` comes first, so rows of two tables never agree."""
    return blake3.blake3(json.dumps([kind, *fields], default=bytes.hex).encode()).digest()
