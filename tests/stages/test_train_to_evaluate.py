"""The four learning stages, run as their images hold them, on samples that a test makes up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from safetensors.numpy import save_file

from stagekit.canonical import tree_digests, write_yaml
from tests.stagekit.learning import TINY, made_up_tensors, write_splits

if TYPE_CHECKING:
    from conftest import Image

    MakeImage = Callable[[str], Image]

pytestmark = pytest.mark.e2e

PARAMS: dict[str, dict[str, Any]] = {
    "train": {**TINY.model_dump(mode="json"), "epochs": 2, "warmup_epochs": 0.5},
    "tune": {
        "v": 1,
        "seed": 1,
        "trials": 2,
        "trial_epochs": 1,
        "trial_share": 0.5,
        "pruning": {"startup_trials": 1, "warmup_epochs": 1},
        "space": {"learning_rate": {"low": 0.001, "high": 0.05, "log": True}},
    },
    "calibrate": {"v": 1, "seed": 1, "method": "temperature", "bins": 10},
    "evaluate": {
        "v": 1,
        "seed": 1,
        "title": "A tiny report",
        "bins": 10,
        "resamples": 100,
        "overlays": 2,
        "worst": 2,
    },
}
INPUTS = {
    "train": ("split", "weights"),
    "tune": ("split", "train", "weights"),
    "calibrate": ("split", "tune"),
    "evaluate": ("split", "calibrate", "train"),
}
OUTPUTS = {
    "train": {"checks.json", "curves.png", "history.csv", "metrics.json", "model"},
    "tune": {"best.json", "curves.png", "history.csv", "importance.png", "model", "trials.csv"},
    "calibrate": {"calibration.json", "model", "reliability.png", "scores.json"},
    "evaluate": {"Report.html", "Report.ipynb", "evaluation_result.csv", "figures", "metrics.json", "model"},
}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """An output of split, and the weights repo."""
    write_splits(tmp_path / "raw" / "split")
    (tmp_path / "raw" / "weights").mkdir()
    save_file(made_up_tensors(), str(tmp_path / "raw" / "weights" / "mobilenet_v2.safetensors"))
    return tmp_path / "raw"


def run_all(image: MakeImage, raw: Path, folder: Path, **env: str) -> Path:
    """Run the four stages one after the other; gives the folder with their outputs."""
    outputs = folder / "outputs"
    for stage, inputs in INPUTS.items():
        pfs = folder / "pfs" / stage
        write_yaml(pfs / "params" / f"{stage}.yaml", PARAMS[stage])
        for name in inputs:
            (pfs / name).symlink_to((raw if (raw / name).exists() else outputs) / name)
        done = image(stage).run(pfs, **env)
        assert done.returncode == 0, done.stderr
        outputs.mkdir(exist_ok=True)
        (pfs / "out").rename(outputs / stage)
    return outputs


def test_the_stages_give_what_they_promise_and_twice_the_same_bytes(
    image: MakeImage, raw: Path, tmp_path: Path
) -> None:
    first = run_all(image, raw, tmp_path / "first")
    for stage, names in OUTPUTS.items():
        assert {path.name for path in (first / stage).iterdir()} == names
    metrics = json.loads((first / "evaluate" / "metrics.json").read_text())
    assert 0 < metrics["mean_iou"] <= 1
    assert {path.name for path in (first / "evaluate" / "model").iterdir()} >= {
        "weights.safetensors",
        "calibration.json",
        "signature.json",
    }
    page = (first / "evaluate" / "Report.html").read_text(encoding="utf-8")
    assert "A tiny report" in page
    assert str(tmp_path) not in page
    elsewhere = {"TZ": "Asia/Tokyo", "LANG": "C", "HOME": "/nonexistent"}
    second = run_all(image, raw, tmp_path / "a second folder", **elsewhere)
    assert tree_digests(second) == tree_digests(first)


def test_a_stage_says_what_is_wrong_with_its_input(image: MakeImage, raw: Path, tmp_path: Path) -> None:
    pfs = tmp_path / "pfs"
    write_yaml(pfs / "params" / "train.yaml", {**PARAMS["train"], "epoch": 3})
    for name in ("split", "weights"):
        (pfs / name).symlink_to(raw / name)
    done = image("train").run(pfs)
    assert done.returncode == 1
    assert "train.epoch: unknown key; did you mean 'epochs'?" in done.stderr
    assert "Traceback" not in done.stderr
