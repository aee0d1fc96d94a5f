"""Durations as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.kit import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20s", 20.0),
        ("1h30m", 5400.0),
        ("250ms", 0.25),
        ("1.5s", 1.5),
        ("-2m", -120.0),
        ("0", 0.0),
        ("24h", 86400.0),
        ("1us", 1e-6),
        (".5s", 0.5),
    ],
)
def test_gos_spelling_is_read(text: str, seconds: float) -> None:
    assert durations.parse(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "20", "s", "1 h", "1d", "h1", "--1s", "1s ", "9" * 400 + "h"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as 20s"):
        durations.parse(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "250ms"),
        (1.5, "1.5s"),
        (59.9999, "1m0s"),
        (90, "1m30s"),
        (3620, "1h0m20s"),
        (-3, "-3s"),
        (360000, "100h0m0s"),
    ],
)
def test_seconds_print_as_go_prints_them(seconds: float, text: str) -> None:
    assert durations.format(seconds) == text


@given(st.integers(0, 10**6).map(lambda milliseconds: milliseconds / 1000))
def test_what_is_printed_reads_back(seconds: float) -> None:
    assert durations.parse(durations.format(seconds)) == pytest.approx(seconds)
    assert durations.parse_proto(durations.format_proto(seconds)) == pytest.approx(seconds)


def test_specs_take_protobufs_spelling_only_and_are_told_how() -> None:
    assert durations.parse_proto("1.5s") == 1.5
    with pytest.raises(ValueError, match="must be given in seconds: write 5400s"):
        durations.parse_proto("1h30m")
    with pytest.raises(ValueError, match='"soon" is not a duration in seconds such as 20s'):
        durations.parse_proto("soon")
