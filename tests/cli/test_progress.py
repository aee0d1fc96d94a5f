from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from calf.cli.progress import progress_bar


def test_a_bar_is_drawn_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_bar("/cats", lambda: 2_000_000) as advance:
        advance(500_000)
        advance(1_000_000)
    shown = capsys.readouterr()
    assert "/cats" in shown.err
    assert "1.5/2.0 MB" in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(("terminal", "wanted"), [(False, True), (True, False)])
def test_elsewhere_nothing_is_drawn_and_nothing_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, terminal: bool, wanted: bool
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)

    def total() -> int:
        raise AssertionError("the total was asked for in vain")

    with progress_bar("put", total, wanted=wanted) as advance:
        advance(1)
    assert capsys.readouterr().err == ""


def test_a_reader_that_goes_away_ends_the_listing_quietly(
    pachctl: Any, tmp_path: Path, server_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        (tmp_path / "many" / f"{number:0200}").parent.mkdir(exist_ok=True)
        (tmp_path / "many" / f"{number:0200}").write_text("")
    pachctl("create", "repo", "r")
    pachctl("put", "file", "-r", "r@master:/", "-f", str(tmp_path / "many"))
    script = "import sys; from calf.cli.main import main; sys.exit(main(['list', 'file', 'r@master']))"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as listing:
        assert listing.stdout is not None
        assert listing.stdout.readline() == b"SIZE\tNAME\n"
        listing.stdout.close()
        assert listing.wait(20) == 141
        assert listing.stderr is not None
        assert listing.stderr.read() == b""
