"""Paths that lead elsewhere, and files that are not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REFUSED = (
    "error: path ({path}) invalid: relative file paths are not allowed\n"
    "hint: write the path from the repo's root, without `.` and `..`\n"
)


@pytest.mark.parametrize("path", ["/../x", "/a/../../etc/passwd", "/a/./x"])
def test_a_path_that_leads_elsewhere_is_refused_by_whatever_changes_files(
    engine: Any, commits: Callable[[], list[str]], tmp_path: Path, path: str
) -> None:
    (tmp_path / "x").write_text("x")
    before = commits()
    words = [
        ("put", "file", f"data@master:{path}", "-f", str(tmp_path / "x")),
        ("copy", "file", "data@master:/old", f"data@master:{path}"),
        ("delete", "file", f"data@master:{path}"),
    ]
    for each in words:
        assert engine(*each, code=2).err == REFUSED.format(path=path)
    assert commits() == before


def test_a_path_that_leads_elsewhere_finds_nothing(engine: Any) -> None:
    ended = engine("get", "file", "data@master:/../old", code=4)
    assert "error: file /../old not found in repo default/data at commit " in ended.err
    assert "hint: `pachctl list file data@" in ended.err


def test_a_file_that_is_not_there_is_named_and_nothing_is_put(
    engine: Any, commits: Callable[[], list[str]], tmp_path: Path
) -> None:
    (tmp_path / "good").write_text("x")
    before = commits()
    ended = engine(
        "put", "file", "data@master", "-f", str(tmp_path / "good"), "-f", str(tmp_path / "bad"), code=4
    )
    assert ended.err == f"error: {tmp_path}/bad: No such file or directory\nhint: check the path\n"
    assert commits() == before


def test_a_misspelt_repo_is_asked_for(engine: Any) -> None:
    ended = engine("list", "file", "dtaa@master:/", code=4)
    assert "dtaa" in ended.err
    ended = engine("inspect", "repo", "dtaa", code=4)
    assert ended.err == (
        'error: repo default/dtaa not found\nhint: did you mean "data"? '
        "`pachctl list repo` shows what there is\n"
    )
