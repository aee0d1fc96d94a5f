"""The four learning stages, run as their images hold them, on samples that a test makes up."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from safetensors.numpy import save_file

from stagekit.canonical import tree_digests, write_yaml
from stagekit.tensorboard.convert import convert
from tests.stagekit.learning import TINY, made_up_tensors, write_splits

if TYPE_CHECKING:
    from conftest import Image

    MakeImage = Callable[[str], Image]

pytestmark = pytest.mark.e2e

PARAMS: dict[str, dict[str, Any]] = {
    # with all that is off by default
    "train": {
        **TINY.model_dump(mode="json"),
        "epochs": 2,
        "warmup_epochs": 0.5,
        "members": 1,
        "importance": {"epochs": [1]},
    },
    "tune": {
        "v": 2,
        "seed": 1,
        "trials": 2,
        "trial_epochs": 1,
        "max_epochs": 2,
        "trial_share": 0.5,
        "range_test": {"steps": 20, "low": 0.0001, "high": 1.0},
        "pruning": {"startup_trials": 1, "warmup_epochs": 1},
        "space": {"learning_rate": {"low": 0.001, "high": 0.05, "log": True}},
    },
    "calibrate": {
        "v": 2,
        "seed": 1,
        "method": "auto",
        "max_iou_loss": 0.0,
        "folds": 2,
        "bins": 10,
        "resamples": 100,
    },
    # without its costly parts, which test_report_repeats.py runs; with the seconds, which it leaves out
    "evaluate": {
        "v": 2,
        "seed": 1,
        "title": "A tiny report",
        "bins": 10,
        "resamples": 100,
        "overlays": 2,
        "worst": 2,
        "behaviour": None,
        "epsilons": [],
        "blurs": [],
        "latency": {"photos": 2, "file": True},
    },
}
INPUTS = {
    "train": ("split", "weights"),
    "tune": ("split", "train", "weights"),
    "calibrate": ("split", "tune"),
    "evaluate": ("split", "calibrate", "train"),
}
OUTPUTS = {
    "train": {
        "checks.json",
        "curves.png",
        "history.csv",
        "importance.csv",
        "members",
        "metrics.json",
        "model",
    },
    "tune": {
        "best.json",
        "curves.png",
        "history.csv",
        "importance.png",
        "model",
        "optimisation.png",
        "range_test.csv",
        "range_test.png",
        "trial_epochs.csv",
        "trials.csv",
    },
    "calibrate": {
        "calibration.json",
        "model",
        "reliability.png",
        "reliability_classes_after.png",
        "reliability_classes_before.png",
        "scores.json",
    },
    "evaluate": {
        "Report.html",
        "Report.ipynb",
        "evaluation_result.csv",
        "figures",
        "latency.json",
        "metrics.json",
        "model",
    },
}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """An output of split, and the weights repo."""
    write_splits(tmp_path / "raw" / "split")
    (tmp_path / "raw" / "weights").mkdir()
    save_file(made_up_tensors(), str(tmp_path / "raw" / "weights" / "mobilenet_v2.safetensors"))
    return tmp_path / "raw"


def run_stage(image: MakeImage, stage: str, given: tuple[Path, Path], folder: Path, **env: str) -> Path:
    """Run one stage in a folder of its own, inputs from the first of `given` that has them; its output."""
    pfs = folder / "pfs" / stage
    write_yaml(pfs / "params" / f"{stage}.yaml", PARAMS[stage])
    for name in INPUTS[stage]:
        (pfs / name).symlink_to(next(it / name for it in given if (it / name).exists()))
    done = image(stage).run(pfs, **env)
    assert done.returncode == 0, done.stderr
    (folder / "outputs").mkdir(exist_ok=True)
    return (pfs / "out").rename(folder / "outputs" / stage)


def test_the_stages_give_what_they_promise_and_tune_elsewhere_the_same_bytes(
    image: MakeImage, raw: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first" / "outputs"

    def run_and_look(*stages: str) -> None:
        for stage in stages:
            output = run_stage(image, stage, (raw, first), tmp_path / "first")
            assert {path.name for path in output.iterdir()} == OUTPUTS[stage]

    run_and_look("train", "tune")
    elsewhere = {"TZ": "Asia/Tokyo", "LANG": "C", "HOME": "/nonexistent"}
    with ThreadPoolExecutor(1) as pool:
        second = tmp_path / "a second folder"
        again = pool.submit(run_stage, image, "tune", (raw, first), second, **elsewhere)
        run_and_look("calibrate", "evaluate")
    assert tree_digests(again.result()) == tree_digests(first / "tune")
    member = first / "train" / "members" / str(TINY.seed + 1)
    assert tree_digests(member).keys() == tree_digests(first / "train" / "model").keys()
    assert tree_digests(member) != tree_digests(first / "train" / "model")
    assert len((first / "train" / "importance.csv").read_text().splitlines()) == 1 + 12
    metrics = json.loads((first / "evaluate" / "metrics.json").read_text())
    assert 0 < metrics["mean_iou"] <= 1
    assert not {"behaviour", "robustness", "spread"} & metrics.keys()
    assert {path.name for path in (first / "evaluate" / "model").iterdir()} >= {
        "weights.safetensors",
        "calibration.json",
        "signature.json",
    }
    page = (first / "evaluate" / "Report.html").read_text(encoding="utf-8")
    assert "A tiny report" in page
    assert "Does it behave?" not in page
    assert str(tmp_path) not in page
    shown = convert(first / "tune", tmp_path / "logs")
    assert shown == ("trials/000", "trials/001", "model")


def test_a_stage_says_what_is_wrong_with_its_input(image: MakeImage, raw: Path, tmp_path: Path) -> None:
    pfs = tmp_path / "pfs"
    write_yaml(pfs / "params" / "train.yaml", {**PARAMS["train"], "epoch": 3})
    for name in ("split", "weights"):
        (pfs / name).symlink_to(raw / name)
    done = image("train").run(pfs)
    assert done.returncode == 1
    assert "train.epoch: unknown key; did you mean 'epochs'?" in done.stderr
    assert "Traceback" not in done.stderr
