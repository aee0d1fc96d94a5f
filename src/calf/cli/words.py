"""Sizes, times and durations in words, and text that is safe to show."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from calf.wire.messages import Message

_HOUR = 3600
_DAY = 24 * _HOUR
# Up to how many seconds a unit is used, and how many it has.
_UNITS = (
    (60, 1, "seconds"),
    (_HOUR, 60, "minutes"),
    (14 * _DAY, _DAY, "days"),
    (60 * _DAY, 7 * _DAY, "weeks"),
    (730 * _DAY, 30 * _DAY, "months"),
)
_ONE = {1: "1 second", 60: "About a minute", _HOUR: "About an hour"}


def span(seconds: float) -> str:
    """A duration in one unit, worded as Pachyderm does it: `3 minutes`, `About an hour`."""
    if seconds < 1:
        return "Less than a second"
    if seconds >= _HOUR:
        hours = int(seconds / _HOUR + 0.5)
        if hours < 48:
            return _ONE[_HOUR] if hours == 1 else f"{hours} hours"
    for limit, unit, word in _UNITS:
        if seconds < limit:
            number = int(seconds // unit)
            return _ONE[unit] if number == 1 and unit in _ONE else f"{number} {word}"
    return f"{int(seconds // (365 * _DAY))} years"


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


def shorten(text: str, limit: int) -> str:
    """The text on one line, cut to `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."
