"""The folder `model/` that goes from train to release: weights, signature, how it was trained.

`signature.json` is enough to build and feed the model without this code's parameters. `training.json` says
with which parameters it was made, so that they reach the evaluation and the release.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.canonical import sorted_files, write_json
from stagekit.errors import StageError
from stagekit.model.architecture import IMAGENET_MEAN, IMAGENET_STD, Architecture

WEIGHTS = "weights.safetensors"
SIGNATURE = "signature.json"
TRAINING = "training.json"
CALIBRATION = "calibration.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes and gives, and the digest of its tensors (`weights.tensors_digest`)."""

    architecture: Architecture
    tensors_sha256: str


def write_signature(folder: Path, signature: Signature) -> None:
    """Write `signature.json` into a model folder."""
    size, classes = signature.architecture.input_size, signature.architecture.classes
    write_json(
        folder / SIGNATURE,
        {
            "v": _VERSION,
            "architecture": {
                "name": "unet",
                "encoder": signature.architecture.encoder,
                "decoder_filters": list(signature.architecture.decoder_filters),
            },
            "input": {
                "name": "image",
                "shape": [None, size, size, 3],
                "dtype": "float32",
                "colour": "RGB",
                "range": [0, 255],
                "resize": "Pillow's LANCZOS, stretched to the square",
                "preprocessing": {
                    "inside_model": True,
                    "scale": "1/255",
                    "mean": list(IMAGENET_MEAN),
                    "std": list(IMAGENET_STD),
                },
            },
            "output": {
                "name": "logits",
                "shape": [None, size, size, len(classes)],
                "dtype": "float32",
                "probabilities": f"from the logits as {CALIBRATION} says, over the last axis",
            },
            "classes": list(classes),
            "weights": {"file": WEIGHTS, "tensors_sha256": signature.tensors_sha256},
        },
    )


def read_signature(folder: Path) -> Signature:
    """Read `signature.json`. Raises `StageError` when it is missing, damaged or of another version."""
    record = read_record(folder / SIGNATURE)
    try:
        if record["v"] != _VERSION:
            raise StageError(f"{folder / SIGNATURE}: version {record['v']!r}, this code reads {_VERSION}")
        architecture = Architecture(
            encoder=record["architecture"]["encoder"],
            input_size=record["input"]["shape"][1],
            decoder_filters=tuple(record["architecture"]["decoder_filters"]),
            classes=tuple(record["classes"]),
        )
        return Signature(architecture, record["weights"]["tensors_sha256"])
    except (KeyError, TypeError, IndexError) as error:
        raise StageError(f"{folder / SIGNATURE}: not a model signature ({error!r})") from error


def read_record(path: Path) -> dict[str, Any]:
    """Read a JSON object. Raises `StageError` when there is none."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StageError(
            f"{path}: no readable record ({error}); is the stage before this one done?"
        ) from error
    if not isinstance(record, dict):
        raise StageError(f"{path}: must be a JSON object")
    return record


def carry(source: Path, target: Path) -> None:
    """Copy a model folder forward, byte for byte."""
    for file in sorted_files(source):
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
