"""Two long texts, each cut to where they differ."""

from __future__ import annotations

from itertools import takewhile

LONG = 100
"""A text up to this length is shown whole."""
_AROUND = 12
_SHOWN = 45


def narrowed(before: str, after: str) -> tuple[str, str]:
    """Both texts as they are, or, if one of them is long, what differs with a little of what is around it."""
    if max(len(before), len(after)) <= LONG or not before or not after:
        return before, after
    same = _alike(before, after)
    rest = min(len(before), len(after)) - same
    same_end = min(_alike(before[::-1], after[::-1]), rest)
    start, end = max(0, same - _AROUND), max(0, same_end - _AROUND)
    return _cut(before, start, end), _cut(after, start, end)


def _alike(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _cut(text: str, start: int, end: int) -> str:
    middle = text[start : len(text) - end]
    short = len(middle) <= _SHOWN
    shown = middle if short else middle[:_SHOWN]
    return f"{'...' if start else ''}{shown}{'...' if end or not short else ''}"
