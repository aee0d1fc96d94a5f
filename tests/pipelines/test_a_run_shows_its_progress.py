"""What `make run` prints while jobs run, where there is no live table; and while a command is silent."""

from __future__ import annotations

import sys

import pytest

from driver import checkout
from driver.watch import BEAT, Lines, Row


def _row(state: str, seconds: float) -> Row:
    return Row("tune", state, "", 0, 0, 5, seconds)


def test_a_job_that_runs_long_says_so_now_and_then_with_the_last_words_of_its_stage() -> None:
    lines = Lines(lambda _row: "trial 3 of 8")
    assert list(lines.of([_row("created", 0)])) == []
    assert list(lines.of([_row("running", 1)])) == ["tune       running"]
    assert list(lines.of([_row("running", BEAT)])) == []
    assert list(lines.of([_row("running", BEAT + 1)])) == ["tune       running for 31 s: trial 3 of 8"]
    assert list(lines.of([_row("running", BEAT + 2)])) == []
    [ended] = lines.of([_row("success", BEAT + 3)])
    assert ended.startswith("tune       success in 33 s")


def test_a_silent_command_shows_that_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkout, "BEAT", 0.005)
    checkout.run_command(sys.executable, "-c", "")
    assert "still at it (0 s)" in capfd.readouterr().out
