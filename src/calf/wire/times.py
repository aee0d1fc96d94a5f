"""Times and durations between the wire and seconds as float; 0.0 stands for never and is not set on the
wire."""

from __future__ import annotations

from calf.wire.messages import Message, google

_MICRO = 1_000_000


def write_time(seconds: float) -> Message | None:
    """A Timestamp, to the microsecond; None for never."""
    if not seconds:
        return None
    stamp = google.Timestamp()
    stamp.FromMicroseconds(round(seconds * _MICRO))
    return stamp


def read_time(stamp: Message) -> float:
    """Seconds since the epoch, UTC; 0.0 when the Timestamp is not set."""
    return float(stamp.seconds) + float(stamp.nanos) / 1e9


def write_duration(seconds: float) -> Message:
    """A Duration, to the microsecond."""
    duration = google.Duration()
    duration.FromMicroseconds(round(seconds * _MICRO))
    return duration


def read_duration(duration: Message) -> float:
    """Seconds; 0.0 when the Duration is not set."""
    return float(duration.seconds) + float(duration.nanos) / 1e9
