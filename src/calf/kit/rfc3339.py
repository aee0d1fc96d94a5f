"""Points in time as text, `2024-05-01T10:00:00Z`: as specs, file names of ticks and logs have them."""

from __future__ import annotations

from datetime import UTC, datetime


def parse(text: str) -> float:
    """Seconds since 1970. Raises `ValueError` for anything else, also for a time without a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or "T" not in text:
        raise ValueError(f'"{text}" is not a time such as 2024-05-01T10:00:00Z')
    return moment.timestamp()


def format(seconds: float) -> str:  # noqa: A001  # the module is the noun: rfc3339.format
    """To the second, in UTC, so that later times sort behind earlier ones."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
