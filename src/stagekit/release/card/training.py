"""What the model is and how it was made: what the records in its folder say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stagekit import canonical
from stagekit.errors import StageError

_RECORDS = (
    ("signature.json", "What it takes and gives"),
    ("training.json", "How it was trained: every parameter, and what it reached on the validation split"),
    ("calibration.json", "How its confidence was calibrated"),
)


def records(folder: Path) -> str:
    """Show the records in the model's folder whole, since they are short, as YAML."""
    parts = []
    for name, title in _RECORDS:
        path = folder / name
        if path.is_file():
            text = canonical.yaml_bytes(_read(path)).decode()
            parts.append(f"{title} (`{name}`):\n\n```yaml\n{text}```")
    return "\n\n".join(parts)


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StageError(f"{path}: no JSON ({error})") from error
    if not isinstance(record, dict):
        raise StageError(f"{path}: must be a JSON object")
    return record
