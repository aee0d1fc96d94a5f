from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.kit.cron import Schedule


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def due(spec: str, after: str) -> str | None:
    found = Schedule.parse(spec).next_after(seconds(after))
    return None if found is None else datetime.fromtimestamp(found, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("spec", "after", "then"),
    [
        ("* * * * *", "2024-05-01T10:00:30Z", "2024-05-01T10:01:00Z"),
        ("*/15 * * * *", "2024-05-01T10:45:00Z", "2024-05-01T11:00:00Z"),
        ("0 5 * * mon-fri", "2024-05-03T06:00:00Z", "2024-05-06T05:00:00Z"),
        ("0 0 ? * 0", "2024-05-01T00:00:00Z", "2024-05-05T00:00:00Z"),
        ("0 0 13 * FRI", "2024-05-01T00:00:00Z", "2024-05-03T00:00:00Z"),
        ("30 12 1,15 jan *", "2024-05-01T00:00:00Z", "2025-01-01T12:30:00Z"),
        ("0 0 29 2 *", "2024-03-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("@hourly", "2024-05-01T10:00:00Z", "2024-05-01T11:00:00Z"),
        ("@daily", "2024-05-01T10:00:00Z", "2024-05-02T00:00:00Z"),
        ("@midnight", "2024-05-01T10:00:00Z", "2024-05-02T00:00:00Z"),
        ("@weekly", "2024-05-01T10:00:00Z", "2024-05-05T00:00:00Z"),
        ("@monthly", "2024-05-01T10:00:00Z", "2024-06-01T00:00:00Z"),
        ("@yearly", "2024-05-01T10:00:00Z", "2025-01-01T00:00:00Z"),
        ("@every 1h2m", "2024-05-01T10:00:07Z", "2024-05-01T11:02:07Z"),
        ("@every 90s", "2024-05-01T10:00:00.750Z", "2024-05-01T10:01:30Z"),
        ("@every 20ms", "2024-05-01T10:00:00Z", "2024-05-01T10:00:01Z"),
        ("CRON_TZ=Asia/Tokyo 0 6 * * *", "2024-05-01T10:00:00Z", "2024-05-01T21:00:00Z"),
        ("TZ=America/New_York 30 2 * * *", "2024-03-09T12:00:00Z", "2024-03-10T07:00:00Z"),
        ("@never", "2024-05-01T10:00:00Z", None),
    ],
)
def test_the_next_time_of(spec: str, after: str, then: str | None) -> None:
    assert due(spec, after) == then


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("", "Empty spec string"),
        ("   ", "Empty spec string"),
        ("CRON_TZ=UTC", "Empty spec string"),
        ("* * * * * *", "Expected exactly 5 fields, found 6"),
        ("* * * *", "Expected exactly 5 fields, found 4"),
        ("61 * * * *", "Bad minute"),
        ("0 0 L * *", "Failed to parse L"),
        ("0 0 * * 5#2", "Failed to parse 5#2"),
        ("0 0 30 2 *", "Bad day-of-month"),
        ("*/0 * * * *", "Bad minute"),
        ("@sometimes", "Unrecognized descriptor: @sometimes"),
        ("@every soon", "is not a duration"),
        ("CRON_TZ=Mars/Olympus * * * * *", "Provided bad location Mars/Olympus"),
    ],
)
def test_what_is_no_schedule_says_why(spec: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("*", r"\*")):
        Schedule.parse(spec)


@pytest.mark.parametrize("spec", ["0 0 * * *", "@every 1h", "@every 9999999999999h", "TZ=Asia/Tokyo @daily"])
@pytest.mark.parametrize("at", [253402300799.0, 1e12, 1e18])
def test_nothing_is_due_after_the_year_9999(spec: str, at: float) -> None:
    assert Schedule.parse(spec).next_after(at) is None


@given(
    st.sampled_from(["*/7 * * * *", "@every 13s", "@hourly", "CRON_TZ=Europe/Berlin 15 3 * * *"]),
    st.floats(0, 4e9),
)
def test_due_times_go_on_strictly_forward(spec: str, at: float) -> None:
    schedule = Schedule.parse(spec)
    first = schedule.next_after(at)
    assert first is not None
    second = schedule.next_after(first)
    assert second is not None
    assert at < first < second
