from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calf.cli.candidates import complete
from calf.cli.root import root

Complete = Callable[..., list[str]]


@pytest.fixture
def ask() -> Complete:
    """The candidates for the last word of a line."""
    return lambda *words: [item.value for item in complete(root, words[:-1], words[-1])]


@pytest.fixture
def things(pachctl: Any, answer: Any) -> str:
    """A repo with two files in a folder; the id of its commit."""
    pachctl("create", "repo", "images")
    pachctl("create", "repo", "imported")
    pachctl("create", "repo", "other")
    for path in ("cats/tom.png", "cats/tim.png"):
        answer("x")
        pachctl("put", "file", f"images@master:/{path}")
    pachctl("create", "branch", "images@main", "--head", "images@master")
    return str(pachctl("list", "commit", "images").rows[0][2])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["sq"], ["squash"]),
        (["squash", ""], ["commit", "commitV2"]),
        (["list", "repo", "--full"], ["--full-timestamps"]),
        (["config", "get", "act"], ["active-context", "active-enterprise-context"]),
        (["nonsense", "x"], []),
    ],
)
def test_words_of_the_grammar(offline: Any, ask: Complete, words: list[str], found: list[str]) -> None:
    assert ask(*words) == found


def test_names_come_from_the_server(pachctl: Any, ask: Complete, things: str) -> None:
    assert ask("inspect", "repo", "im") == ["imported", "images"]
    assert ask("list", "commit", "oth") == ["other@"]
    assert sorted(ask("list", "commit", "images@")) == ["images@main", "images@master"]
    assert ask("inspect", "commit", f"images@{things[:6]}") == [f"images@{things}"]
    assert ask("squash", "commit", things[:6]) == [things]
    assert ask("get", "file", "images@mai") == ["images@main:"]
    assert ask("get", "file", "images@main:") == ["images@main:/cats/"]
    assert ask("get", "file", "images@main:/cats/to") == ["images@main:/cats/tom.png"]
    assert ask("get", "file", "images@main:cats/to") == ["images@main:cats/tom.png"]
    assert ask("list", "repo", "--project", "def") == ["default"]


def test_names_are_those_of_the_project_on_the_line(pachctl: Any, ask: Complete, things: str) -> None:
    pachctl("create", "project", "lab")
    pachctl("create", "repo", "plates", "--project", "lab")
    assert ask("list", "branch", "--project", "lab", "") == ["plates"]
    assert ask("list", "branch", "--project", "nowhere", "") == []


def test_nobody_hears_of_a_server_that_does_not_answer(offline: Any, ask: Complete) -> None:
    assert ask("inspect", "repo", "im") == []
    assert ask("get", "file", "images@nothing") == []


def _in_bash(line: str, address: str, config: Path) -> list[str]:
    script = (
        "source <(pachctl completion bash)\n"
        f"COMP_LINE={line!r}; COMP_POINT=${{#COMP_LINE}}; _pachctl\n"
        "printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "PACHD_ADDRESS": address, "PACH_CONFIG": str(config)}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_bash_gets_what_stands_behind_the_last_sign_that_it_cuts_at(
    pachctl: Any, things: str, server_address: str, tmp_path: Path
) -> None:
    config = tmp_path / "none.json"
    assert _in_bash("pachctl li", server_address, config) == ["list", "license"]
    assert _in_bash("pachctl get file images@mai", server_address, config) == ["main:"]
    assert _in_bash("pachctl get file images@main:/cats/ti", server_address, config) == ["/cats/tim.png"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh on this machine")
def test_the_script_for_zsh_is_one(offline: Any) -> None:
    subprocess.run(["zsh", "-n"], input=offline("completion", "zsh").out, text=True, check=True)


def test_a_shell_takes_one_command_after_another(pachctl: Any, answer: Any) -> None:
    answer("create repo images\nlist repo  # what is there\nlist 'repo\nexit\nnot reached\n")
    ended = pachctl("shell")
    assert ended.out.splitlines()[1].startswith("default\timages\t")
    assert ended.err == "error: No closing quotation\n"
    answer("inspect repo nothing")
    pachctl("shell", code=4)
