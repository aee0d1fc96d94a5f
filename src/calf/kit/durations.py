"""Durations as text, in Go's spelling (`1h30m`, `250ms`) and in protobuf's (`90s`)."""

from __future__ import annotations

import re
from math import isinf

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s)")
_PROTO = re.compile(r"-?\d+(?:\.\d{1,9})?s")


def parse(text: str) -> float:
    """Seconds of `20s`, `1h30m` or `250ms`. Raises `ValueError` for anything else; a bare `0` is allowed."""
    sign, rest = (-1.0, text[1:]) if text.startswith("-") else (1.0, text.removeprefix("+"))
    if rest == "0":
        return 0.0
    seconds, end = 0.0, 0
    while part := _PART.match(rest, end):
        seconds += float(part[1]) * _UNITS[part[2]]
        end = part.end()
    if not rest or end != len(rest) or isinf(seconds):
        raise ValueError(f'"{text}" is not a duration such as 20s, 1h30m or 250ms')
    return sign * seconds


def format(seconds: float) -> str:  # noqa: A001  # the module is the noun: durations.format
    """Seconds as Go prints them: `0s`, `250ms`, `1.5s`, `1h0m20s`; at most milliseconds from a second up."""
    if seconds < 0:
        return "-" + format(-seconds)
    if 0 < seconds < 1:
        return f"{seconds * 1e3:.6g}ms"
    rounded = round(seconds, 3)
    minutes, rest = divmod(rounded, 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{round(rest, 3):.10g}s"
    if hours:
        return f"{hours}h{minutes}m{tail}"
    return f"{minutes}m{tail}" if minutes else tail


def parse_proto(text: str) -> float:
    """Seconds of protobuf's JSON form (`20s`, `1.5s`), the only one that a real Pachyderm takes in a spec.

    Raises `ValueError`, with the right spelling where Go's was used.
    """
    if _PROTO.fullmatch(text):
        return float(text[:-1])
    try:
        seconds = parse(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a duration in seconds such as 20s') from None
    raise ValueError(f'"{text}" must be given in seconds: write {format_proto(seconds)}')


def format_proto(seconds: float) -> str:
    """Seconds in protobuf's JSON form, to the nanosecond."""
    return f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"
