from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "args",
    [("--no-color", "version", "--client-only"), ("version", "--client-only", "--no-color", "-v")],
    ids=["before", "after"],
)
def test_flags_of_all_commands_stand_anywhere(offline: Any, args: tuple[str, ...]) -> None:
    assert offline(*args).code == 0


def test_flags_reach_the_commands_of_groups(offline: Any) -> None:
    assert offline("config", "get", "active-context", "--rpc-timeout", "3s", "--no-color").code == 0


def test_version_is_a_flag_too(offline: Any) -> None:
    ended = offline("--version")
    assert (ended.code, ended.out[:13]) == (0, "pachctl calf ")


def test_an_answer_that_takes_too_long_ends_with_its_own_code(pachctl: Any) -> None:
    pachctl("create", "repo", "images")
    pachctl("start", "commit", "images@master")
    ended = pachctl("wait", "commit", "images@master", "--rpc-timeout", "300ms", code=22)
    assert "Deadline Exceeded" in ended.err
    assert "is not a duration" in pachctl("version", "--rpc-timeout", "soon", code=2).err
