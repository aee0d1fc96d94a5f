"""The one spelling of a document: what is signed and hashed must have no other."""

from __future__ import annotations

import json
from typing import Any


def canonical(document: Any) -> bytes:
    """JSON with sorted keys, no spaces, in UTF-8; what UTF-8 cannot hold (a stray surrogate) is escaped."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")
