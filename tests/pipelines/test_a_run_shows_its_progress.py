"""What `make run` prints while jobs run, where there is no live table; and while a command is silent."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from driver import checkout, proof
from driver.proof import Policy
from driver.summary import decision_lines
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


def test_the_end_of_a_run_names_what_was_waived_and_how_to_go_on() -> None:
    decision = {"accepted": True, "waived": ["clean"], "reasons": ["iou [0.5] is enough"]}
    told = list(decision_lines(decision))
    assert told[0] == "\nrelease: [bold green]accepted[/] (waived: clean)"
    assert told[1] == "  iou [0.5] is enough"
    assert "pachctl copy file release@master:/ serving@master:/" in told[-1]
    refused = list(decision_lines({"accepted": False, "waived": [], "reasons": ["unverified: no proof"]}))
    assert refused == ["\nrelease: [bold red]refused[/]", "  unverified: no proof"]


def test_before_long_work_a_run_says_that_its_code_is_not_committed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A repository of its own, with one file of a stage that no commit has."""
    monkeypatch.setattr(proof, "ROOT", tmp_path)
    shown = Console(file=io.StringIO(), width=200)
    proof.warn_of_changes(Policy(reproduced=True, clean=True), shown)
    checkout.run_command("git", "init", "--quiet", tmp_path)
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages/new.py").touch()
    proof.warn_of_changes(Policy(reproduced=True, clean=True), shown)
    proof.warn_of_changes(Policy(reproduced=True, clean=False), shown)
    told = shown.file.getvalue()
    assert "this is no git checkout" in told
    assert "not committed, and run by stages: stages/" in told
    assert told.count("warning") == 2
