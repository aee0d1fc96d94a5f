"""Flags with values, as scripts for Pachyderm's own pachctl write them."""

from __future__ import annotations

from typing import Any

import click
import pytest

from calf.cli.go_flags import without_go_flags

COMMAND = click.Command(
    "it",
    params=[
        click.Option(["-r", "--recursive"], is_flag=True),
        click.Option(["-x", "--expand"], is_flag=True),
        click.Option(["--progress/--no-progress"], default=True),
        click.Option(["-n", "--number"]),
    ],
)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["--recursive=true", "a"], ["--recursive", "a"]),
        (["--recursive=false", "a"], ["a"]),
        (["--progress=0"], ["--no-progress"]),
        (["--progress=T"], ["--progress"]),
        (["-r=false", "-x=1"], ["-x"]),
        (["-rx=false"], ["-r"]),
        (["-n=5"], ["-n", "5"]),
        (["-xn=5"], ["-xn", "5"]),
        (["--number=5"], ["--number=5"]),
        (["-n5", "a=true"], ["-n5", "a=true"]),
    ],
)
def test_flags_take_values(given: list[str], read: list[str]) -> None:
    assert without_go_flags(COMMAND, given) == read


@pytest.mark.parametrize(
    "args",
    [
        ["-n", "-r=false"],
        ["-xn", "-r=false"],
        ["--number", "--recursive=false"],
        ["--", "-r=false"],
        ["--other=false", "-z=false", "-=x"],
        ["-n"],
    ],
)
def test_values_of_options_and_what_is_no_flag_stay_as_they_are(args: list[str]) -> None:
    assert without_go_flags(COMMAND, args) == args


def test_a_flag_is_true_or_false(offline: Any) -> None:
    ended = offline("list", "repo", "--all=perhaps")
    assert (ended.code, "--all is true or false, not 'perhaps'" in ended.err) == (2, True)


def test_every_command_takes_them(offline: Any) -> None:
    assert offline("version", "--client-only=true").out.count("\n") == 2
    assert offline("config", "set", "context", "x", "--overwrite=maybe").code == 2
    assert offline("auth", "activate", "--supply-root-token=maybe").code == 2
