"""Sizes, times and durations in words, and text that is safe to show."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from calf.wire.messages import Message

_MINUTE, _HOUR = 60, 3600
# Up to how many hours a unit is used, and how many it has.
_UNITS = (
    (48, 1, "hours"),
    (24 * 14, 24, "days"),
    (24 * 60, 24 * 7, "weeks"),
    (24 * 365 * 2, 24 * 30, "months"),
)


def span(seconds: float) -> str:
    """A duration in one unit, worded as Pachyderm does it: `3 minutes`, `About an hour`."""
    if seconds < 1:
        return "Less than a second"
    if seconds < _MINUTE:
        return "1 second" if seconds < 2 else f"{int(seconds)} seconds"
    if seconds < _HOUR:
        return "About a minute" if seconds < 2 * _MINUTE else f"{int(seconds / _MINUTE)} minutes"
    hours = int(seconds / _HOUR + 0.5)
    if hours == 1:
        return "About an hour"
    for limit, unit, word in _UNITS:
        if hours < limit:
            return f"{hours // unit} {word}"
    return f"{int(seconds / _HOUR) // 24 // 365} years"


def moment(stamp: Message, *, full: bool = False, now: float | None = None) -> str:
    """A Timestamp as `3 minutes ago`, or as RFC 3339 when `full`; `-` when it is not set."""
    if not (stamp.seconds or stamp.nanos):
        return "-"
    if full:
        return datetime.fromtimestamp(int(stamp.seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{span((time.time() if now is None else now) - stamp.seconds)} ago"


def printable(text: str) -> str:
    """The text without anything that would move a cursor, change a colour or hide a word on a terminal."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def paragraph(text: str) -> str:
    """A text of several lines, each printable; all but the first stand in, so that none looks like ours."""
    return "\n    ".join(printable(line) for line in text.splitlines())


def many(number: int, noun: str) -> str:
    """`1 row`, `3 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shorten(text: str, limit: int) -> str:
    """The text on one line, cut to `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def first_of(reason: str, limit: int) -> str:
    """The first `limit` characters of a reason, and dots when there are more: how Pachyderm's tables cut."""
    line = " ".join(reason.split())
    return line if len(line) <= limit else f"{line[:limit].rstrip()}..."
