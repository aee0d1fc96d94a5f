"""Which rule of identity a pipeline follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calf.model.identity import Recipe
from calf.pps.datums import recipe_of
from tests.pps.pipelines.bench import Bench

TRANSFORM = {
    "image": "stage:1",
    "cmd": ["run", "-v"],
    "stdin": ["a"],
    "err_cmd": ["e"],
    "err_stdin": ["f"],
    "env": {"A": "1"},
    "accept_return_code": [3],
    "user": "nobody",
    "working_dir": "/w",
    "datum_batching": True,
}
RECIPE = Recipe("d1", ("run", "-v"), ("a",), ("e",), ("f",), {"A": "1"}, (3,), "nobody", "/w", True)


def annotated(rule: str) -> dict[str, Any]:
    return {"metadata": {"annotations": {"calf.dev/datum-identity": rule}}}


@pytest.mark.parametrize(
    ("setting", "more", "recipe"),
    [
        ("calf", {}, RECIPE),
        ("pachyderm", {}, None),
        ("calf", annotated("pachyderm"), None),
        ("pachyderm", annotated("calf"), RECIPE),
    ],
)
def test_the_annotation_wins_over_the_setting(
    tmp_path: Path, setting: str, more: dict[str, Any], recipe: Recipe | None
) -> None:
    bench = Bench.open(tmp_path / "home", datum_identity=setting)
    bench.world.repo("in")
    info = bench.create("p", transform=TRANSFORM, **more)
    assert recipe_of(info, bench.pps.settings) == recipe
    bench.world.pfs.close()
