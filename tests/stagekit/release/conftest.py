from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stagekit.canonical import write_csv, write_json, write_yaml
from stagekit.release.bundle import Inputs
from stagekit.release.params import Limit, ReleaseParams, Required
from tests.stagekit.release.made_proofs import Maker, files_of, write_proof

MakeParams = Callable[..., ReleaseParams]
CLASSES = ("pet", "background", "border")
COUNTS = [f"pixels_{true}_{guess}" for true in CLASSES for guess in CLASSES]
FIGURES = {
    "mean_iou": 0.66,
    "mean_iou_interval": {"low": 0.61, "high": 0.7, "level": 0.95},
    "mean_dice": 0.7,
    "pixel_accuracy": 0.9,
    "ece": 0.02,
    "samples": 48,
    "iou": {"border": 0.4},
    "dice": {"border": 0.5},
    "boundary_iou": {"mean": 0.31, "border": 0.2},
    "baselines": {"majority class": {"mean_iou": 0.25, "gain": 0.41, "gain_low": 0.38, "gain_high": 0.44}},
    "slices": {
        "species": {"cat": {"mean_iou": 0.6, "low": 0.5, "high": 0.7, "samples": 20, "enough": 1}},
        "breed": {"Bengal": {"mean_iou": 0.3, "low": 0.1, "high": 0.5, "samples": 2, "enough": 0}},
    },
    "worst_slice": None,
    "behaviour": {
        "failed": 1,
        "flip": {"value": 0.7, "bound": 0.8, "ok": 0},
        "blur": {"value": 0.5, "ok": None},
        "shift": {"value": 0.8, "bound": 0.75, "ok": 1, "low": 0.7, "high": 0.9},
    },
    "robustness": {
        "fgsm": {"10": {"mean_iou": 0.1, "retained": 0.15}, "2": {"mean_iou": 0.4, "retained": 0.6}}
    },
    "cost": {"gmacs": 0.51, "parameters": 2_400_000},
}


@pytest.fixture
def evaluated(tmp_path: Path) -> Path:
    """An output of evaluate."""
    folder = tmp_path / "evaluate"
    write_json(folder / "metrics.json", FIGURES)
    write_csv(folder / "evaluation_result.csv", ("id", *COUNTS), [("a", *range(9)), ("b", *range(9, 18))])
    write_json(folder / "model" / "signature.json", {"architecture": "unet", "image_size": 128})
    write_json(folder / "model" / "calibration.json", {"temperature": 1.25})
    write_json(folder / "model" / "training.json", {"parameters": {"epochs": 7}})
    (folder / "model" / "weights.safetensors").write_bytes(b"weights")
    return folder


@pytest.fixture
def make_params() -> MakeParams:
    """A policy that asks for everything and is content with a mean IoU of one half."""

    def make(floor: float = 0.5, *, waive: str = "", keys: tuple[str, ...] = ()) -> ReleaseParams:
        require = {name: name not in waive.split() for name in ("verified", "reproduced", "clean")}
        return ReleaseParams(
            v=2,
            seed=1,
            model_name="pets-unet",
            require=Required(**require),
            trusted_keys=keys,
            optimise="mean_iou",
            limits=(Limit(metric="mean_iou", at_least=floor),),
            serve_image="calf/serve",
            storage_uri="s3://models",
        )

    return make


@pytest.fixture
def proved(evaluated: Path) -> Callable[..., Inputs]:
    """The stage's inputs with a proof of what evaluate made, every job replayed; `salt` makes other ids."""

    def make(salt: str = "") -> Inputs:
        folder = evaluated.parent
        maker = Maker(files_of(evaluated), salt=salt)
        proof = maker.proof() | {"reproduced": maker.replayed()}
        write_yaml(folder / "release.yaml", {"v": 2})
        rows = [("cat", "*", 7, 1, 1, 2, 11), ("cat", "Bengal", 7, 1, 1, 2, 11)]
        columns = ("species", "breed", "training", "validation", "calibration", "test", "total")
        write_csv(folder / "split" / "balance.csv", columns, rows)
        return Inputs(
            evaluated,
            folder / "release.yaml",
            write_proof(folder / f"proofs{salt}", proof),
            balance=folder / "split" / "balance.csv",
        )

    return make
