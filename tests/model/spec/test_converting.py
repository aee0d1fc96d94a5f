"""Specs of 1.x in the words of 2.x."""

from __future__ import annotations

from typing import Any

import pytest

from calf.model.spec import FieldError, parse, validate
from calf.model.spec.converting import convert_v1
from calf.model.spec.retired import SUCCESSORS

BASE: dict[str, Any] = {
    "pipeline": {"name": "edges"},
    "transform": {"image": "stage:1", "cmd": ["run"]},
    "input": {"pfs": {"repo": "images", "glob": "/*"}},
}


def converted(**more: Any) -> tuple[dict[str, Any], list[str]]:
    """What is new or changed of a converted document, and the notes; it is a valid spec of 2.x."""
    document, notes = convert_v1({**BASE, **more})
    validate(parse(document))
    return {key: value for key, value in document.items() if BASE.get(key) != value}, notes


def test_a_spec_of_2_stays_as_it_is() -> None:
    assert convert_v1({**BASE, "parallelismSpec": {"constant": "2"}, "spout": {}})[1] == []
    assert converted(datumTries=2) == ({"datumTries": 2}, [])


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ({"standby": True}, {"autoscaling": True}, "standby: is autoscaling now"),
        ({"standby": False}, {}, "standby: was left out: it was off"),
        ({"scaleDownThreshold": "60s"}, {"autoscaling": True}, "scaleDownThreshold: is autoscaling now"),
        ({"enable_stats": True}, {}, "enable_stats: was left out"),
        ({"chunk_spec": {"number": 3}}, {"datum_set_spec": {"number": 3}}, "chunk_spec: is datum_set_spec"),
        ({"cache_size": "1G"}, {}, "cache_size: was left out"),
        ({"max_queue_size": 5}, {}, "max_queue_size: was left out"),
        ({"hashtree_spec": {"constant": 1}}, {}, "hashtree_spec: was left out"),
        ({"incremental": True}, {}, "incremental: was left out"),
        ({"batch": True}, {}, "batch: was left out"),
        ({"build": {"language": "python"}}, {}, "build: build the image before"),
        (
            {"resource_spec": {"memory": "1Gi", "gpu": 1}},
            {"resource_requests": {"memory": "1Gi", "gpu": {"type": "nvidia.com/gpu", "number": 1}}},
            "resource_spec: is resource_requests now",
        ),
        (
            {"parallelism_spec": {"strategy": "CONSTANT", "constant": 4}},
            {"parallelism_spec": {"constant": 4}},
            "parallelism_spec.strategy: was left out",
        ),
        (
            {"parallelism_spec": {"coefficient": 2.2}},
            {"parallelism_spec": {"constant": 2}},
            "parallelism_spec.coefficient: is constant: 2 now",
        ),
        (
            {"input": {"cross": [{"atom": {"repo": "images", "glob": "/*", "from_commit": "x"}}]}},
            {"input": {"cross": [{"pfs": {"repo": "images", "glob": "/*"}}]}},
            "input.cross[0].atom: is pfs now",
        ),
        (
            {"input": {"git": {"url": "https://example.org/code.git", "branch": "main"}}},
            {"input": {"pfs": {"repo": "code", "branch": "main", "glob": "/"}}},
            "input.git: is a repo now: create code",
        ),
        (
            {"input": None, "inputs": [{"repo": {"name": "a"}, "glob": "/*"}, {"repo": {"name": "b"}}]},
            {"input": {"cross": [{"pfs": {"repo": "a", "glob": "/*"}}, {"pfs": {"repo": "b", "glob": "/"}}]}},
            "inputs: is input now",
        ),
        (
            {"transform": {**BASE["transform"], "build": {"path": "."}}},
            {},
            "transform.build: build the image before",
        ),
    ],
)
def test_each_field_of_1_becomes_what_2_has_or_is_told(
    old: dict[str, Any], new: dict[str, Any], note: str
) -> None:
    changed, notes = converted(**old)
    assert changed == new
    assert notes[0].startswith(note)


def test_a_spout_loses_what_the_stage_decides_now() -> None:
    document, notes = convert_v1({**BASE, "input": None, "spout": {"overwrite": True, "marker": "m"}})
    assert document["spout"] == {}
    assert [note.partition(":")[0] for note in notes] == ["spout.overwrite", "spout.marker"]


@pytest.mark.parametrize("path", sorted(SUCCESSORS))
def test_an_old_field_in_a_spec_is_refused_with_its_successor(path: str) -> None:
    key, _, inner = path.partition(".")
    old: Any = {inner: {}} if inner else {}
    with pytest.raises(FieldError, match=r"a field of Pachyderm 1\.x") as refused:
        parse({**BASE, key: {**BASE.get(key, {}), **old} if key == "transform" else old})
    assert refused.value.hint == SUCCESSORS[path]
