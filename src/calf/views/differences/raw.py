"""Files of no known kind: where the first different byte is."""

from __future__ import annotations

from pathlib import Path

from calf.views.differences.pair import Difference, Pair
from calf.views.words import many

_PIECE = 1024 * 1024
_AROUND = 8


def first_difference(left: Path, right: Path) -> int:
    """The offset of the first byte that differs or is in one only; the size of both if there is none."""
    offset = 0
    with left.open("rb") as one, right.open("rb") as other:
        while True:
            a, b = one.read(_PIECE), other.read(_PIECE)
            if a != b:
                pairs = enumerate(zip(a, b, strict=False))
                return offset + next((at for at, (x, y) in pairs if x != y), min(len(a), len(b)))
            if not a:
                return offset
            offset += len(a)


def describe_bytes(pair: Pair) -> Difference:
    """Sizes, the offset of the first difference, and the bytes around it."""
    sizes = (pair.recorded.stat().st_size, pair.again.stat().st_size)
    offset = first_difference(pair.recorded, pair.again)
    if offset == min(sizes):
        shorter = "the recorded one" if sizes[0] < sizes[1] else "the new one"
        first = f"{shorter} ends after {many(offset, 'byte')}, where the other goes on"
    else:
        first = f"first different byte at offset {offset}"
    lengths = f"{many(sizes[0], 'byte')} → {many(sizes[1], 'byte')}"
    shown = f"{_hex(pair.recorded, offset)} → {_hex(pair.again, offset)}"
    return Difference("bytes", (first, shown, *([lengths] if sizes[0] != sizes[1] else [])))


def _hex(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(_AROUND).hex(" ") or "(end)"
