"""Files of any kind: their sizes and hashes, and what can be said in words of where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from calf.views.differences.pair import Pair, Unreadable
from calf.web.files.comparing.sides import Sides
from calf.web.files.kinds import kind_of
from calf.web.files.pictures import shape_of
from calf.web.files.previews.subject import visible

_MOST = 64 * 1024 * 1024
_MOST_PARSED = 16 * 1024 * 1024
COMPARED = 4_000_000
"""Pixels of a picture that is compared with another one; both are held whole, several times."""


def compare_bytes(sides: Sides) -> Mapping[str, Any]:
    """The words of `calf.views.differences`; none for large files, and of what would take much memory to
    read as what it is only where the first different byte is."""
    if sides.same:
        return {"kind": "words", "lines": [], "large": False}
    from calf.views.differences.describing import describe
    from calf.views.differences.raw import describe_bytes

    try:
        with sides.on_disk(_MOST) as pair:
            found = describe(pair) if _fits(pair) else describe_bytes(pair)
    except Unreadable:
        return {"kind": "words", "lines": [], "large": sides.before is not None and sides.after is not None}
    return {"kind": "words", "lines": [visible(line) for line in found.lines], "large": False}


def _fits(pair: Pair) -> bool:
    """Whether both can be held in memory as what their name says."""
    both = (pair.recorded, pair.again)
    match kind_of(pair.name):
        case "json":
            return max(path.stat().st_size for path in both) <= _MOST_PARSED
        case "picture":
            return all(map(_is_small, both))
    return True


def _is_small(path: Path) -> bool:
    with path.open("rb") as file, suppress(Unreadable):
        shape = shape_of(file)
        return shape.width * shape.height <= COMPARED
    return False
