"""The words of `calf` itself: what it loads, and what it says to a word that it has not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from calf.daemon.main import main


def test_no_command_pays_for_those_that_carry_commits() -> None:
    script = (
        "import sys; from calf.daemon.main import main; main(['status', '--home', '/nowhere/at/all']); "
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "calf.daemon.main" in loaded
    assert not [name for name in loaded if name.startswith(("calf.wire", "calf.client", "calf.views"))]
    assert not loaded & {"calf.cli.groups", "calf.cli.export_commit", "calf.cli.import_commit"}


def test_those_that_carry_commits_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out
    assert main(["export", "--help"]) == 0
    assert main(["import", "--help"]) == 0
    assert "  export " in listed
    assert "  import " in listed
    assert "REPO@BRANCH" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("fsck", "; `pachctl fsck` is one"),
        ("list", "; `pachctl list` is one"),
        ("exprt", "; did you mean `export`?"),
        ("repiar", "; did you mean `repair`?"),
        ("qqqqq", ""),
    ],
)
def test_an_unknown_word_is_answered_with_what_was_meant(
    word: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word]) == 2
    assert f"error: there is no command `calf {word}`{meant}\n" in capsys.readouterr().err
