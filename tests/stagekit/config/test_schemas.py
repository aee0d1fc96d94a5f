"""The kept JSON Schemas say what the models say, of every version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from stagekit.config.block import Block
from stagekit.config.compose import Choice
from stagekit.config.resolve import resolve
from stagekit.parameters import all_blocks

PARAMS = Path(__file__).parents[3] / "pipelines" / "params"
Validator = Callable[[str], Draft202012Validator]


def validator(name: str) -> Draft202012Validator:
    kept = json.loads((PARAMS / "schema" / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(kept)
    return Draft202012Validator(kept)


@pytest.mark.parametrize("block", all_blocks(), ids=lambda block: block.name)
def test_a_schema_has_every_version_by_its_number(block: Block[Any]) -> None:
    versions = validator(block.name).schema["oneOf"]
    assert [each["properties"]["v"]["const"] for each in versions] == list(range(1, block.version + 1))


@pytest.mark.parametrize("profile", ["quick", "full", "tiny"])
def test_resolved_parameters_are_valid_by_the_kept_schemas(profile: str) -> None:
    for name, body in resolve(Choice(PARAMS, profile), all_blocks()).blocks.items():
        validator(name).validate(body)
        assert not validator(name).is_valid({**body, "unknown": 1})


def test_an_old_version_with_sections_of_its_own_is_valid_too() -> None:
    old = {
        "v": 1,
        "seed": 1,
        "model_name": "pets",
        "optimise": "mean_iou",
        "serve_image": "i",
        "serving": None,
    }
    old |= {"limits": [{"metric": "ece", "at_most": 0.1}], "storage_uri": "s3://b/m"}
    assert validator("release").is_valid(old)
    assert not validator("release").is_valid({**old, "limits": [{"metric": "ece", "at_mots": 0.1}]})
