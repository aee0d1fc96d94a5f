"""Specs of Pachyderm 1.x, converted on request and refused with the way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OLD = {
    "pipeline": {"name": "edges"},
    "transform": {"image": "stage:1", "cmd": ["run"]},
    "parallelism_spec": {"strategy": "CONSTANT", "constant": "2"},
    "standby": True,
    "input": {"atom": {"repo": "images", "glob": "/*"}},
}


def test_an_old_spec_comes_out_new_with_notes(offline: Any, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(OLD, indent=1))
    ended = offline("convert", "pipeline", "-f", str(path))
    assert ended.code == 0
    assert json.loads(ended.out) == {
        "pipeline": {"name": "edges"},
        "transform": {"image": "stage:1", "cmd": ["run"]},
        "parallelism_spec": {"constant": "2"},
        "input": {"pfs": {"repo": "images", "glob": "/*"}},
        "autoscaling": True,
    }
    notes = [line.removeprefix(f"{path}:") for line in ended.err.splitlines()]
    assert "15:2: standby: is autoscaling now" in notes
    assert any("input.atom: is pfs now" in note for note in notes)
    (tmp_path / "new.json").write_text(ended.out)
    assert offline("validate", "pipeline", "-f", str(tmp_path / "new.json")).out == "default/edges: valid\n"


def test_yaml_stays_yaml_and_several_stay_several(offline: Any, answer: Any) -> None:
    answer(f"{json.dumps(OLD)}\n---\n{json.dumps(OLD).replace('edges', 'more')}")
    out = offline("convert", "pipeline", "-o", "yaml").out
    assert out.startswith("pipeline:\n  name: edges\n")
    answer(out)
    assert offline("validate", "pipeline").out == "default/edges: valid\ndefault/more: valid\n"


def test_what_is_left_to_decide_is_an_error(offline: Any, answer: Any) -> None:
    answer("pipeline: {name: edges}\nstandby: true\nunheard_of: 1\n")
    ended = offline("convert", "pipeline")
    assert (ended.code, "autoscaling: true" in ended.out) == (8, True)
    assert 'unknown field "unheard_of"' in ended.err


def test_a_place_is_one_in_the_file_that_was_given(offline: Any, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({**OLD, "unheard_of": 1}, indent=1))
    ended = offline("convert", "pipeline", "-f", str(path))
    line = path.read_text().splitlines().index(' "unheard_of": 1') + 1
    assert (ended.code, f'{path}:{line}:2: unknown field "unheard_of"' in ended.err) == (8, True)


def test_what_was_left_out_is_told_of(offline: Any, answer: Any) -> None:
    inputs = [{"repo": {"name": "images"}, "method": "map"}]
    answer(
        json.dumps(
            {"pipeline": OLD["pipeline"], "transform": OLD["transform"], "inputs": inputs, "cache_size": "1G"}
        )
    )
    ended = offline("convert", "pipeline")
    assert "cache_size: was left out: there is no such cache any more\n" in ended.err
    assert "inputs[0].method: was left out; glob says" in ended.err


def test_a_git_input_without_a_name_is_a_repo_named_as_its_address_ends(offline: Any, answer: Any) -> None:
    answer(json.dumps({**OLD, "input": {"git": {"URL": "https://example.org/x/y.git"}}}))
    ended = offline("convert", "pipeline")
    assert json.loads(ended.out)["input"]["pfs"]["repo"] == "y"
    assert "create y, and put the files of https://example.org/x/y.git into it" in ended.err


def test_whoever_creates_an_old_spec_is_told_of_the_converter(offline: Any, answer: Any) -> None:
    answer(json.dumps(OLD))
    ended = offline("create", "pipeline")
    assert ended.code == 8
    assert "use autoscaling" in ended.err
    assert "pachctl convert pipeline" in ended.err
