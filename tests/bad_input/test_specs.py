"""Specs that cannot be: always the file, the line, the field and what to do, and no pipeline from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SPEC = """\
pipeline:
  name: copy
transform:
  image: host
  cmd: [sh]
  stdin: ["cp /pfs/data/* /pfs/out/"]
input:
  cross:
    - pfs:
        repo: data
        glob: /*
"""
MALFORMED = "malformed pipeline spec: "


@pytest.mark.parametrize(
    ("good", "bad", "code", "error", "hint"),
    [
        ("cmd:", "cdm:", 8, f'{MALFORMED}FILE:5:3: transform: unknown field "cdm"', 'did you mean "cmd"?'),
        (
            "glob: /*",
            "glob: /[a",
            8,
            f'{MALFORMED}FILE:11:9: malformed glob "/[a": missing "]" at character 2',
            'put "\\" before a character that is meant literally',
        ),
        (
            "repo: data",
            "repo: dat",
            4,
            "FILE:10:9: repo default/dat not found",
            'did you mean "data"? `pachctl list repo` shows what there is',
        ),
        (
            "repo: data",
            "repo: copy",
            8,
            "FILE:7:1: repo default/copy cannot be in the provenance of its own branch",
            "read from another repo",
        ),
    ],
    ids=["misspelt field", "bad glob", "unknown repo", "own output"],
)
def test_a_bad_spec_is_refused_with_its_place_and_a_hint(
    engine: Any, tmp_path: Path, good: str, bad: str, code: int, error: str, hint: str
) -> None:
    path = tmp_path / "copy.yaml"
    path.write_text(SPEC.replace(good, bad))
    ended = engine("create", "pipeline", "-f", str(path), code=code)
    assert ended.err == f"error: {error.replace('FILE', str(path))}\nhint: {hint}\n"
    assert engine("list", "pipeline").rows == []
    assert [row[1] for row in engine("list", "repo", "--all").rows] == ["data"]
    path.write_text(SPEC)
    engine("create", "pipeline", "-f", str(path))


def test_a_cycle_is_refused_and_the_pipeline_stays_as_it_was(engine: Any, tmp_path: Path) -> None:
    first, second = tmp_path / "copy.yaml", tmp_path / "again.yaml"
    first.write_text(SPEC)
    second.write_text(SPEC.replace("name: copy", "name: again").replace("data", "copy"))
    engine("create", "pipeline", "-f", str(first))
    engine("create", "pipeline", "-f", str(second))
    first.write_text(SPEC.replace("data", "again"))
    ended = engine("update", "pipeline", "-f", str(first), code=8)
    assert ended.err == (
        f"error: {first}:7:1: cycle detected because default/copy@master is already in the provenance of "
        "default/again@master\n"
        "hint: nothing can be made from itself: take default/again out of what it reads\n"
    )
    assert [row[1:4] for row in engine("list", "pipeline").rows] == [
        ["again", "1", "(default/copy:/*)"],
        ["copy", "1", "(default/data:/*)"],
    ]
    engine("wait", "commit", "again@master")
    assert engine("get", "file", "again@master:/old").out == "old\n"
