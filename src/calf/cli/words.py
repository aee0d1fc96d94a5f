"""Sizes, times and durations in words, and text that is safe to show."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from calf.wire.messages import Message

_STEPS = ((60, 1, "second"), (3600, 60, "minute"), (48 * 3600, 3600, "hour"), (14 * 86400, 86400, "day"))
_LATER = ((60 * 86400, 7 * 86400, "week"), (730 * 86400, 30 * 86400, "month"))


def span(seconds: float) -> str:
    """A duration in one unit: `3 minutes`, `less than a second`."""
    if seconds < 1:
        return "less than a second"
    for limit, unit, word in (*_STEPS, *_LATER):
        if seconds < limit:
            return _count(int(seconds // unit), word)
    return _count(int(seconds // (365 * 86400)), "year")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


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
