from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from calf.daemon.main import main as calf
from calf.kit import exit_codes


def test_both_command_lines_tell_the_same_codes(offline: Any, capfd: pytest.CaptureFixture[str]) -> None:
    ours = offline("--help").out
    calf(["--help"])
    theirs = capfd.readouterr().out
    assert exit_codes.LEGEND in " ".join(ours.split())
    assert exit_codes.LEGEND in " ".join(theirs.split())


def test_both_exit_alike_with_what_this_machine_refuses(offline: Any) -> None:
    assert offline("validate", "pipeline", "-f", "/proc/nowhere/spec.yaml").code == 4
    command = [sys.executable, "-m", "calf.daemon.main", "serve", "--home", "/proc/nowhere/data"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # it changes its process
    assert (ended.returncode, ended.stderr) == (4, "error: /proc/nowhere: No such file or directory\n")
    assert offline("no-such-command").code == calf(["no-such-command"]) == 2


def test_both_tell_of_wrong_usage_alike(capfd: pytest.CaptureFixture[str]) -> None:
    assert calf(["image", "run", "stage"]) == 2
    assert capfd.readouterr().err == (
        "error: Missing argument 'COMMAND...'.\nhint: `calf image run --help` explains it\n"
    )


def test_the_version_of_this_client_shows_even_when_no_server_answers(offline: Any) -> None:
    ended = offline("version")
    assert (ended.code, [row[0] for row in ended.rows]) == (12, ["pachctl"])


def test_no_server_exits_with_twelve_and_a_hint(offline: Any) -> None:
    ended = offline("list", "repo")
    assert ended.code == 12
    assert ended.out == ""
    assert ended.err.startswith("error: no server answers at 127.0.0.1:1\nhint: ")
    assert "calf up" in ended.err


@pytest.mark.parametrize("command", [["create", "pipeline"], ["update", "pipeline"], ["list", "datum"]])
def test_a_spec_that_is_not_there_is_not_found(offline: Any, command: list[str]) -> None:
    ended = offline(*command, "-f", "no-such.yaml")
    assert (ended.code, ended.err.splitlines()[0]) == (4, "error: no-such.yaml: No such file or directory")


def test_an_unexpected_failure_is_one_line_and_with_v_a_traceback(
    offline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("calf.client.config.choose_address", broken)
    ended = offline("list", "repo")
    assert (ended.code, ended.err) == (
        1,
        "error: unexpected ZeroDivisionError: boom\nhint: run it with -v for the traceback\n",
    )
    assert "Traceback" in offline("-v", "list", "repo").err


def test_interrupting_exits_with_130(offline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("calf.client.config.choose_address", interrupted)
    assert offline("list", "repo").code == 130
