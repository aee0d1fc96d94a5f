"""Whatever a user writes: parameters come of it, or a `ConfigError`; never a traceback."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stagekit.config.block import Block, migrate
from stagekit.config.compose import Choice, read_yaml
from stagekit.config.errors import ConfigError
from stagekit.config.resolve import resolve, write_params
from stagekit.parameters import all_blocks

TEMPLATES = Path(__file__).parents[3] / "pipelines" / "params"
BLOCKS = all_blocks()
NAMES = [block.name for block in BLOCKS]
OLD = [(block, version) for block in BLOCKS for version in range(1, block.version + 1)]
EXAMPLES = int(os.environ.get("CONFIG_EXAMPLES", "10"))
FUZZ = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

KEYS = sorted(
    {f"{block.name}.{field}" for block in BLOCKS for model in block.models for field in model.model_fields}
)
PIECES = (
    "${",
    "}",
    "shared.seed",
    "oc.env:HOME",
    "oc.select:",
    ":",
    ".",
    "..",
    "[",
    "]",
    "{",
    "0",
    "v",
    "???",
)
PIECES += (
    "=",
    ",",
    "&a ",
    "*a",
    "!!binary ",
    "!!set ",
    "!!python/name:os ",
    "\\",
    "'",
    '"',
    " ",
    "\n",
    "- ",
    "~",
)
TEXTS = st.one_of(
    st.text(max_size=12),
    st.lists(st.sampled_from((*PIECES, *KEYS)), max_size=6).map("".join),
    st.sampled_from(("1" * 5000, "1e400", ".nan", "-.inf", "0x10", "2020-01-01", "[" * 3000, "\ud800")),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.integers(), inner, max_size=3),
    max_leaves=8,
)
OVERRIDES = st.builds(
    "{}{}{}".format, st.sampled_from(KEYS) | TEXTS, st.sampled_from(("=", ".x=", "[0]=", ".=")), TEXTS
)


def prepare(overlay: bytes | None, *overrides: str) -> None:
    """From templates to files; a `ConfigError` is fine, whatever else is raised is not."""
    with tempfile.TemporaryDirectory() as folder:
        overlays: tuple[Path, ...] = ()
        if overlay is not None:
            overlays = (Path(folder, "overlay.yaml"),)
            overlays[0].write_bytes(overlay)
        with suppress(ConfigError):
            write_params(
                resolve(Choice(TEMPLATES, "quick", overlays, overrides), BLOCKS), Path(folder, "out")
            )


@FUZZ
@given(st.lists(OVERRIDES, min_size=1, max_size=3))
def test_of_any_overrides(overrides: list[str]) -> None:
    prepare(None, *overrides)


@FUZZ
@given(st.binary(max_size=80) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_of_any_bytes_in_an_overlay(content: bytes) -> None:
    prepare(content)


@FUZZ
@given(st.dictionaries(st.sampled_from(NAMES) | TEXTS | st.integers(), VALUES, max_size=3))
def test_of_any_tree_in_an_overlay(tree: dict[object, object]) -> None:
    prepare(yaml.safe_dump(tree).encode("utf-8", "surrogatepass"))


@FUZZ
@given(st.sampled_from(KEYS), VALUES)
def test_of_any_value_of_any_key_in_an_overlay(key: str, value: object) -> None:
    block, _, field = key.partition(".")
    prepare(yaml.safe_dump({block: {field: value}}).encode("utf-8", "surrogatepass"))


@FUZZ
@given(st.sampled_from(OLD), st.dictionaries(TEXTS, VALUES, max_size=2), st.data())
def test_of_any_block_of_an_old_version(
    old: tuple[Block[Any], int], more: dict[str, object], data: st.DataObject
) -> None:
    block, version = old
    fields = st.sampled_from(sorted(block.models[version - 1].model_fields))
    raw = {**data.draw(st.dictionaries(fields, VALUES, max_size=4)), **more, "v": version}
    with suppress(ConfigError):
        migrate(block, raw, "here")


@FUZZ
@given(VALUES)
def test_of_any_file_that_a_stage_reads(value: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "params.yaml")
        path.write_bytes(yaml.safe_dump(value).encode("utf-8", "surrogatepass"))
        with suppress(ConfigError):
            migrate(BLOCKS[1], read_yaml(path), "here")
