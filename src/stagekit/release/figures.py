"""Figures of `metrics.json` by name."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stagekit.errors import StageError


def read_figures(path: Path) -> dict[str, Any]:
    """Read `metrics.json`. Raises `StageError` when it is missing or no JSON object."""
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StageError(f"{path}: no readable metrics ({error}); evaluate must write them") from error
    if not isinstance(figures, dict):
        raise StageError(f"{path}: must be a JSON object")
    return figures


def figure(figures: Mapping[str, Any], name: str) -> float | None:
    """Give the figure of a dotted name, or None where there is none, or it is no finite number."""
    value: Any = figures
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def is_null(figures: dict[str, Any], name: str) -> bool:
    """Tell whether the way to a dotted name ends in a null: evaluate knows the figure, and has no value."""
    value: Any = figures
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
        if value is None:
            return True
    return False


def names(figures: dict[str, Any], prefix: str = "") -> list[str]:
    """List the dotted names of all figures."""
    found: list[str] = []
    for key, value in sorted(figures.items()):
        if isinstance(value, dict):
            found += names(value, f"{prefix}{key}.")
        elif figure(figures, key) is not None:
            found.append(prefix + key)
    return found
