"""A line of a log's file: `<seconds> <U|E> <text>`."""

from __future__ import annotations

import re

_LINE = re.compile(rb"(\d+\.\d+) ([UE]) (.*)\n")


def parse_line(raw: bytes) -> tuple[float, bool, str]:
    """Its time, whether the stage printed it, and the text; what a crash tore has no time."""
    found = _LINE.fullmatch(raw)
    if found is None:
        return 0.0, False, raw[:-1].decode(errors="replace")
    return float(found[1]), found[2] == b"U", found[3].decode(errors="replace")
