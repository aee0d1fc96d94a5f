"""Texts, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.comparing.sides import Sides
from calf.web.files.previews.subject import cut
from calf.web.files.previews.texts import check_text

_MOST_BYTES = 2 * 1024 * 1024
_MOST_LINES = 2500
"""Beyond it, where the texts begin to differ and end, a comparison may take minutes."""
_AROUND = 3
_SHOWN = 1500
_LONGEST = 1000


def compare_texts(sides: Sides) -> Mapping[str, Any]:
    """The lines that differ with some around them; each has the numbers that it has on either side."""
    old, new = sides.both(_MOST_BYTES)
    for content in (old, new):
        check_text(content, whole=True)
    before, after = (content.decode().splitlines() for content in (old, new))
    rows = list(_rows(before, after))
    return {
        "kind": "lines",
        "lines": rows[:_SHOWN],
        "left_out": max(len(rows) - _SHOWN, 0),
        "endings": bool(sides.before and sides.after) and not sides.same and before == after,
    }


def _rows(before: list[str], after: list[str]) -> Iterator[Mapping[str, Any]]:
    for group in _groups(before, after):
        yield _row("gap", group[0][1] + 1, group[0][3] + 1, "")
        for how, old, old_end, new, new_end in group:
            if how == "equal":
                for at in range(old_end - old):
                    yield _row("same", old + at + 1, new + at + 1, before[old + at])
                continue
            for at in range(old, old_end):
                yield _row("removed", at + 1, None, before[at])
            for at in range(new, new_end):
                yield _row("added", None, at + 1, after[at])


def _groups(before: list[str], after: list[str]) -> Iterator[list[tuple[str, int, int, int, int]]]:
    """Changes with what is around them; what both begin and end with is not compared line by line."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(old), len(new)) > _MOST_LINES and old and new:
        raise Unreadable("the texts are long, and differ in many places")
    codes = [(how, a + head, b + head, c + head, d + head) for how, a, b, c, d in _codes(old, new)]
    if not codes:
        return
    first, last = codes[0], codes[-1]
    lead, trail = min(head, _AROUND), min(tail, _AROUND)
    codes.insert(0, ("equal", first[1] - lead, first[1], first[3] - lead, first[3]))
    codes.append(("equal", last[2], last[2] + trail, last[4], last[4] + trail))
    yield from _split(codes)


def _codes(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    return list(SequenceMatcher(None, old, new).get_opcodes())


def _split(codes: list[tuple[str, int, int, int, int]]) -> Iterator[list[tuple[str, int, int, int, int]]]:
    """Groups that have no long stretch of equal lines in them."""
    group: list[tuple[str, int, int, int, int]] = []
    for how, a, b, c, d in codes:
        if how == "equal" and b - a > 2 * _AROUND:
            group.append((how, a, a + _AROUND, c, c + _AROUND))
            yield group
            group = []
            a, c = b - _AROUND, d - _AROUND
        group.append((how, a, b, c, d))
    if any(code[0] != "equal" for code in group):
        yield group


def _common(before: list[str], after: list[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count


def _row(how: str, old: int | None, new: int | None, text: str) -> Mapping[str, Any]:
    return {"how": how, "old": old, "new": new, "text": cut(text, _LONGEST)}
