"""The five cases that configuration must handle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stagekit.config.errors import ConfigError
from stagekit.config.resolve import Resolved
from stagekit.config.schema import write_schemas
from stagekit.parameters import all_blocks

Resolve = Callable[..., Resolved]
KEPT_SCHEMAS = Path(__file__).parents[3] / "pipelines" / "params" / "schema"
OLD = {"ingest": {"v": 1, "seed": 7, "size": 96, "mask_filter": "bilinear"}}


def test_the_newest_template_resolves_as_it_stands(resolved: Resolve) -> None:
    assert resolved().blocks["ingest"]["image_size"] == 64


def test_an_override_replaces_one_value_of_the_newest_template(resolved: Resolve) -> None:
    ingest = resolved("ingest.image_size=128").blocks["ingest"]
    assert (ingest["image_size"], ingest["seed"]) == (128, 7)


def test_an_old_template_that_cannot_migrate_names_the_users_key_and_what_to_set(resolved: Resolve) -> None:
    with pytest.raises(ConfigError, match=r"ingest\.mask_filter \(v 1\).*set ingest\.mask_filter=nearest"):
        resolved(overlay=OLD)


def test_the_old_template_migrates_once_that_key_is_given(resolved: Resolve) -> None:
    ingest = resolved("ingest.mask_filter=nearest", overlay=OLD).blocks["ingest"]
    assert ingest == {"v": 2, "seed": 7, "image_size": 96, "max_source_pixels": 50_000_000}


def test_the_kept_json_schemas_are_those_of_the_models(tmp_path: Path) -> None:
    write_schemas(all_blocks(), tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in KEPT_SCHEMAS.iterdir()}
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert not stale, "write them again with `python -m stagekit.parameters schema`"
