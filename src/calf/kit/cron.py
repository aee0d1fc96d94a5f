"""Schedules as text: five cron fields, `@every 1h2m`, `@daily` and its like, `@never`; times in UTC.

The language is that of Pachyderm's specs and no more than that, so that a schedule means the same there. A
field is `*` or `?`, a number or a name (`MON`, `jan`), a range `1-5`, a step `*/15`, or a list of those with
commas; when day of month and day of week are both given, either will do. `CRON_TZ=Asia/Tokyo ` (or `TZ=`) in
front counts the fields in that zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from math import floor
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from calf.kit import durations

NEVER = "@never"
_END = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
_SHORT = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY = "@every "
_ZONE = re.compile(r"(?:CRON_TZ|TZ)=(\S*)\s*(.*)", re.DOTALL)
_ATOM = r"(?:\d+|[A-Za-z]{3})"
_PART = rf"(?:[*?]|{_ATOM}(?:-{_ATOM})?)(?:/\d+)?"
_FIELD = re.compile(rf"{_PART}(?:,{_PART})*")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due: every `period` seconds, at times that `fields` describe in `zone`, or never."""

    fields: str = ""
    period: int = 0
    zone: tzinfo = UTC

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Raises `ValueError` that says what is wrong with `text`."""
        found = _ZONE.fullmatch(text.strip())
        zone, rest = (_zone(found[1]), found[2]) if found else (UTC, text.strip())
        if not rest:
            raise ValueError("Empty spec string")
        if rest == NEVER:
            return cls()
        if rest.startswith(_EVERY):
            return cls(period=max(1, floor(durations.parse(rest.removeprefix(_EVERY).strip()))))
        if rest.startswith("@") and rest not in _SHORT:
            raise ValueError(f"Unrecognized descriptor: {rest}")
        fields = _SHORT.get(rest, rest).replace("?", "*")
        _check(fields)
        return cls(fields=fields, zone=zone)

    def next_after(self, at: float) -> float | None:
        """The first due time (seconds since 1970, whole ones) that is later than `at`; None for never.

        What would be due after the year 9999, which a calendar cannot say, never is.
        """
        if self.period:
            due = float(floor(at) + self.period)
            return due if due < _END else None
        if not self.fields:
            return None
        try:
            moment = next(CronSim(self.fields, datetime.fromtimestamp(floor(at), self.zone)), None)
        except (ValueError, OverflowError, OSError):
            return None
        return moment.timestamp() if moment else None


def _check(fields: str) -> None:
    parts = fields.split()
    if len(parts) != 5:
        raise ValueError(f"Expected exactly 5 fields, found {len(parts)}: {fields}")
    bad = next((part for part in parts if not _FIELD.fullmatch(part)), None)
    if bad is not None:
        raise ValueError(f"Failed to parse {bad}: {fields}")
    try:
        CronSim(fields, datetime.fromtimestamp(0, UTC))
    except CronSimError as error:
        raise ValueError(f"{error}: {fields}") from None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"Provided bad location {name}") from None
