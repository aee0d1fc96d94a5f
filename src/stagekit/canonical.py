"""Writing and listing such that the same content always gives the same bytes.

No times, no unsorted order, no platform line ends, no metadata in pictures.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

_BLOCK = 1 << 20


def json_bytes(value: Any) -> bytes:
    """Encode as JSON with sorted keys, two spaces, exact shortest floats and a final newline.

    NumPy scalars and arrays become numbers and lists. Raises `ValueError` on NaN and infinities, which JSON
    lacks.
    """
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
    return (text + "\n").encode()


def write_json(path: Path, value: Any) -> None:
    """Write `json_bytes(value)`, making the parent folders."""
    write_bytes(path, json_bytes(value))


def yaml_bytes(value: Mapping[str, Any]) -> bytes:
    """Encode plain values as block-style YAML with sorted keys."""
    return yaml.safe_dump(
        value, sort_keys=True, default_flow_style=False, allow_unicode=True, width=110
    ).encode()


def write_yaml(path: Path, value: Mapping[str, Any]) -> None:
    """Write `yaml_bytes(value)`, making the parent folders."""
    write_bytes(path, yaml_bytes(value))


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    r"""Write a table with `\n` line ends and exact shortest floats, making the parent folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([[_plain_cell(cell) for cell in row] for row in rows])


def write_png(path: Path, pixels: Any) -> None:
    """Write a uint8 array, (H, W) or (H, W, 3), as PNG without metadata, making the parent folders."""
    from PIL import Image  # here, so that the parts without pictures need no Pillow

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, format="PNG", compress_level=6, optimize=False)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, making the parent folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def sorted_files(folder: Path, pattern: str = "**/*") -> list[Path]:
    """List the files below a folder that match the pattern, by their POSIX path relative to it."""
    files = (path for path in folder.glob(pattern) if path.is_file())
    return sorted(files, key=lambda path: path.relative_to(folder).as_posix())


def sha256_file(path: Path) -> str:
    """Give the SHA-256 of a file's content in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sha256_bytes(content: bytes) -> str:
    """Give the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def tree_digests(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file below a folder by its relative POSIX path, in order."""
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in sorted_files(folder)}


def _plain(value: Any) -> Any:
    """Turn NumPy values into Python's, for json."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"cannot be written as JSON: {type(value).__name__}")


def _plain_cell(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value
