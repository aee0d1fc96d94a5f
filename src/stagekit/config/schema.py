"""JSON Schema of every version of every block, to be kept beside the templates and under test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stagekit import canonical
from stagekit.config.block import Block


def schema(block: Block[Any]) -> dict[str, Any]:
    """Give a schema that takes a block in any of its versions, told apart by `v`."""
    versions = [
        model.model_json_schema(ref_template=f"#/oneOf/{place}/$defs/{{model}}")
        for place, model in enumerate(block.models)
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": block.name,
        "oneOf": versions,
    }


def write_schemas(blocks: Sequence[Block[Any]], folder: Path) -> None:
    """Write `<block>.json` for each block."""
    for block in blocks:
        canonical.write_json(folder / f"{block.name}.json", schema(block))
