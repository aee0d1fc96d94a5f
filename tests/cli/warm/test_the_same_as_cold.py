"""Whatever a command says and however it ends, it is the same whether it begins warm or cold."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.warm.processes import Ended, Pachctl

OFFLINE: tuple[tuple[str | bytes, ...], ...] = (
    (),
    ("--help",),
    ("put", "file", "--help"),
    ("lst", "repo"),
    ("list", "repo", "--no-such-option"),
    ("list", "repo"),
    ("validate", "pipeline", "-f", "nowhere.yaml"),
    ("create", "repo", b"caf\xe9"),
    ("config", "get", "context", "caf\u00e9"),
)
SERVED: tuple[tuple[str | bytes, ...], ...] = (
    ("list", "repo", "--full-timestamps"),
    ("list", "repo", "--raw"),
    ("inspect", "repo", "nowhere"),
    ("list", "file", "in@master"),
    ("get", "file", "in@master:/book"),
    ("put", "file", "in@master:/x", "-f", "/nowhere"),
)


@pytest.mark.parametrize("words", OFFLINE)
def test_without_a_server(both: Pachctl, words: tuple[str | bytes, ...], tmp_path: Path) -> None:
    cold, warm = (run(*words, cwd=tmp_path) for run in (both.cold, both.warm))
    assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)
    assert warm.stdout or warm.stderr


def test_with_a_server(served: Pachctl) -> None:
    assert served.warm("create", "repo", "in").returncode == 0
    assert served.warm("put", "file", "in@master:/book", input=b"\xff\x00 pages").returncode == 0
    for words in SERVED:
        cold, warm = served.cold(*words), served.warm(*words)
        assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)
    assert served.warm("get", "file", "in@master:/book").stdout == b"\xff\x00 pages"


def test_descriptors_that_a_shell_hands_over_keep_their_numbers(served: Pachctl) -> None:
    served.warm("create", "repo", "in")
    for number in (3, 4, 5, 6, 7, 9):
        after = f"exec {number}<<END\ntext {number}\nEND\n"
        assert (
            served.warm("put", "file", "in@master:/f", "-f", f"/dev/fd/{number}", after=after).returncode == 0
        )
        assert served.warm("get", "file", "in@master:/f").stdout == b"text %d\n" % number


def test_completion_asks_as_a_shell_does(served: Pachctl) -> None:
    served.warm("create", "repo", "images")
    asking = Pachctl(served.tag, {**served.env, "PACHCTL_COMPLETING": "1"})
    assert (
        asking.warm("inspect", "repo", "im").stdout
        == asking.cold("inspect", "repo", "im").stdout
        == b"images\n"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        {"PYTHONUNBUFFERED": "", "PYTHONDONTWRITEBYTECODE": ""},
        {"PYTHONIOENCODING": "ascii:replace"},
        {"LC_ALL": "C"},
        {"TZ": "Asia/Tokyo", "FORCE_COLOR": "1", "COLUMNS": "60"},
    ],
)
def test_the_environment_counts(both: Pachctl, settings: dict[str, str]) -> None:
    apart = Pachctl(both.tag, {**both.env, **settings})
    cold, warm = apart.cold("inspect", "repo", "caf\u00e9"), apart.warm("inspect", "repo", "caf\u00e9")
    assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)


def test_a_folder_without_a_name_is_one_to_stand_in(both: Pachctl, tmp_path: Path) -> None:
    gone = f"mkdir {tmp_path}/gone && cd {tmp_path}/gone && rmdir {tmp_path}/gone &&"
    words = ("validate", "pipeline", "-f", "spec.yaml")
    cold, warm = (run(*words, after=gone) for run in (both.cold, both.warm))
    assert (warm.returncode, warm.stderr) == (cold.returncode, cold.stderr)
    assert b"a folder that was removed" in warm.stderr


def test_what_cannot_be_written_is_told_by_the_exit_code(both: Pachctl) -> None:
    with Path("/dev/full").open("wb") as full:
        cold, warm = both.cold("--help", stdout=full), both.warm("--help", stdout=full)
    assert (warm.returncode, warm.stderr) == (cold.returncode, cold.stderr)
    assert warm.returncode != 0


def test_a_reader_that_goes_away_is_told_by_the_exit_code(both: Pachctl) -> None:
    for run in (both.cold, both.warm):
        reading, writing = os.pipe()
        os.close(reading)
        ended = run("completion", "bash", stdout=writing)
        os.close(writing)
        assert (ended.returncode, ended.stderr) == (141, b"")


def test_limits_umask_priority_and_ignored_signals_are_the_clients(served: Pachctl) -> None:
    """What the kernel says of the process of a command is what a command may put."""
    served.warm("create", "repo", "in")

    def put(run: Callable[..., Ended], name: str) -> str:
        habits = "umask 077; ulimit -Sn 64; trap '' USR1; exec nice -n 1"
        assert run("put", "file", "in@master:/said", "-f", f"/proc/self/{name}", after=habits).returncode == 0
        return served.warm("get", "file", "in@master:/said").stdout.decode()

    def habits_in(status: str) -> list[str]:
        return [line for line in status.splitlines() if line.startswith(("Umask", "SigIgn", "SigBlk"))]

    assert habits_in(put(served.cold, "status")) == habits_in(put(served.warm, "status"))
    assert put(served.cold, "limits") == put(served.warm, "limits")
    assert put(served.warm, "stat").rpartition(")")[2].split()[16] == str(os.nice(0) + 1)
