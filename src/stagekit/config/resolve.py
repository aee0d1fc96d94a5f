"""From a choice of templates to the files of the `params` repo, and the record of how they came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit import canonical
from stagekit.config.block import Block, Newest, migrate
from stagekit.config.compose import Choice, compose, read_yaml, resolve_interpolations
from stagekit.config.errors import ConfigError, nearest


@dataclass(frozen=True, slots=True)
class Resolved:
    """Parameters before and after: `composed` still has interpolations and old versions, `blocks` neither."""

    composed: dict[str, Any]
    blocks: dict[str, dict[str, Any]]
    files: tuple[str, ...]
    """The blocks that become a file of their own: all but the shared ones."""


def resolve(choice: Choice, blocks: Sequence[Block[Any]]) -> Resolved:
    """Compose, replace interpolations, validate, and migrate every block.

    Raises `ConfigError` with all problems of the first block that has any.
    """
    composed = compose(choice, [block.name for block in blocks])
    plain = resolve_interpolations(composed.tree)
    resolved: dict[str, dict[str, Any]] = {}
    for block in blocks:
        if block.name not in plain:
            raise ConfigError(
                f"{choice.templates}: no template for block {block.name!r}: base/{block.name}.yaml is missing"
            )
        source = ", ".join(composed.sources[block.name])
        resolved[block.name] = make(block, plain[block.name], source).model_dump(mode="json")
    files = tuple(block.name for block in blocks if not block.shared)
    return Resolved(composed.tree, resolved, files)


def make(block: Block[Newest], raw: Mapping[str, Any], source: str) -> Newest:
    """Validate, migrate and review a block that is to be committed. Raises `ConfigError`."""
    made = migrate(block, raw, source)
    wrong = tuple(block.review(made)) if block.review else ()
    if wrong:
        lines = "".join(f"\n  {block.name}.{key}: {what}" for key, what in wrong)
        raise ConfigError(f"{source}:{lines}")
    return made


def check_file(path: Path, blocks: Sequence[Block[Any]]) -> str:
    """Say what a single file of the params repo is. Raises `ConfigError` when no stage could use it."""
    block = next((block for block in blocks if block.name == path.stem and not block.shared), None)
    if block is None:
        names = [block.name for block in blocks if not block.shared]
        raise ConfigError(f"{path}: a stage's file is called <block>.yaml; {nearest(path.stem, names)}")
    raw = read_yaml(path)
    made = make(block, raw, str(path))
    since = "" if raw["v"] == made.v else f", which stages step up to version {made.v}"
    return f"{path}: good, {block.name} of version {raw['v']}{since}"


def write_params(resolved: Resolved, folder: Path) -> None:
    """Write `<block>.yaml` for each block that is not shared, and the record.

    `record/composed.yaml` has references and old versions, `record/resolved.yaml` neither.
    `record/digest` is the SHA-256 of `record/resolved.yaml`. The same choice gives the same bytes.
    """
    for name in resolved.files:
        canonical.write_yaml(folder / f"{name}.yaml", resolved.blocks[name])
    canonical.write_yaml(folder / "record" / "composed.yaml", resolved.composed)
    content = canonical.yaml_bytes(resolved.blocks)
    canonical.write_bytes(folder / "record" / "resolved.yaml", content)
    canonical.write_bytes(
        folder / "record" / "digest", f"sha256:{canonical.sha256_bytes(content)}\n".encode()
    )
