"""What two runs of the same can never share, taken out of a file: names of commits and times."""

from __future__ import annotations

import re

_HEX = re.compile(rb"\b[0-9a-f]{8,128}\b")
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def without(content: bytes) -> bytes:
    """The same text with each time as `TIME`, and each id or digest by when it comes first (`ID1`, `ID2`)."""
    numbers: dict[bytes, int] = {}

    def number(found: re.Match[bytes]) -> bytes:
        return b"ID%d" % numbers.setdefault(found[0], len(numbers) + 1)

    return _HEX.sub(number, _TIME.sub(b"TIME", content))
