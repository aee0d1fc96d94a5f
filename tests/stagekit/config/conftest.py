from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stagekit.config.block import Block
from stagekit.config.compose import Choice
from stagekit.config.resolve import Resolved, resolve
from stagekit.ingest.params import INGEST
from stagekit.parameters.shared import SHARED

BLOCKS: tuple[Block[Any], ...] = (SHARED, INGEST)
NEWEST = {"v": 2, "seed": "${shared.seed}", "image_size": "${shared.image_size}"}


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """Templates of two blocks with a profile that makes the pictures larger."""
    folder = tmp_path / "templates"
    _write(folder / "base" / "shared.yaml", {"v": 1, "seed": 7, "image_size": 64})
    _write(folder / "base" / "ingest.yaml", NEWEST)
    _write(folder / "large" / "shared.yaml", {"image_size": 256})
    (folder / "quick").mkdir()
    return folder


@pytest.fixture
def resolved(templates: Path) -> Callable[..., Resolved]:
    """Resolve the templates with a profile, overlays (name to content) and overrides."""

    def run(*overrides: str, profile: str = "quick", overlay: dict[str, Any] | None = None) -> Resolved:
        files: tuple[Path, ...] = ()
        if overlay is not None:
            files = (templates.parent / "overlay.yaml",)
            _write(files[0], overlay)
        return resolve(Choice(templates, profile, files, overrides), BLOCKS)

    return run


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
