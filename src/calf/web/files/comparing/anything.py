"""Files of any kind: their sizes and hashes, and what can be said in words of where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.comparing.sides import Sides
from calf.web.files.previews.subject import visible

_MOST = 64 * 1024 * 1024


def compare_bytes(sides: Sides) -> Mapping[str, Any]:
    """The words of `calf.views.differences`, none for large files."""
    if sides.same:
        return {"kind": "words", "lines": [], "large": False}
    from calf.views.differences.describing import describe

    try:
        with sides.on_disk(_MOST) as pair:
            found = describe(pair)
    except Unreadable:
        return {"kind": "words", "lines": [], "large": sides.before is not None and sides.after is not None}
    return {"kind": "words", "lines": [visible(line) for line in found.lines], "large": False}
