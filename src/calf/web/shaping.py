"""How values look in templates: filters, and small things that all views need of messages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from markupsafe import Markup, escape

from calf.kit import sizes
from calf.views.words import printable, span
from calf.wire.messages import Message

SHORT = 8
"""So many characters of an id tell it from others on a page; the whole stands in the tooltip."""

_SKEW = 60.0
"""Seconds by which the clocks of two machines may differ, as in `assets/calf.js`."""


def rfc3339(stamp: Message) -> str:
    """A Timestamp as text, empty when it is not set."""
    if not (stamp.seconds or stamp.nanos):
        return ""
    return datetime.fromtimestamp(int(stamp.seconds), UTC).isoformat().replace("+00:00", "Z")


def seconds_of(duration: Message) -> float:
    """A Duration in seconds, to the millisecond."""
    return round(float(duration.seconds) + float(duration.nanos) / 1e9, 3)


def ago(text: str) -> str:
    """How long ago a time of `rfc3339` was, in words; empty for no time."""
    if not text:
        return ""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(text)).total_seconds()
    return f"{span(max(0.0, seconds))} ago".lower() if seconds > -_SKEW else "in the future"


def size(number: int) -> str:
    """Bytes in words."""
    return sizes.format(number)


def count(number: int) -> str:
    """A whole number with its thousands apart."""
    return f"{number:,}".replace(",", "\N{THIN SPACE}")


def counted(number: int, word: str, many: str = "") -> str:
    """A number of things: `1 job`, `3 jobs`; `many` where no s does it."""
    return f"{count(number)} {word if number == 1 else many or word + 's'}"


def short(text: str) -> str:
    """The beginning of an id."""
    return text[:SHORT]


def lasted(seconds: float) -> str:
    """A duration: `0 ms`, `25 ms`, `0.3 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 0.1:
        return f"{max(int(seconds > 0), round(1000 * seconds))} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


_LONG_NUMBER = re.compile(r"(-?\d+\.0*\d{5})(\d{3,})(e[+-]?\d+)?", re.IGNORECASE)


def digits(text: str) -> tuple[str, str, str]:
    """A number as its first digits, those that a view can hide, and its exponent; any other text whole."""
    found = _LONG_NUMBER.fullmatch(text)
    return (found[1], found[2], found[3] or "") if found else (text, "", "")


def marked(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in enumerate(parts)
    )


FILTERS = {
    "digits": digits,
    "ago": ago,
    "size": size,
    "count": count,
    "counted": counted,
    "short": short,
    "lasted": lasted,
    "marked": marked,
    "printable": printable,
}
