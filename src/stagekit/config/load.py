"""A stage's view of parameters: one resolved file, one frozen value."""

from __future__ import annotations

from pathlib import Path

from stagekit import pfs
from stagekit.config.block import Block, Newest, migrate
from stagekit.config.compose import read_yaml


def load_block(block: Block[Newest], path: Path | None = None) -> Newest:
    """Read a block's file, by default `/pfs/params/<block>.yaml`, and give its newest model.

    An old version is migrated. Raises `ConfigError` that names the file, and the key where it is about one.
    """
    file = path or pfs.input_path("params") / f"{block.name}.yaml"
    return migrate(block, read_yaml(file), str(file))
