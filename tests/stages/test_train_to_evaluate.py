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
    # with its costly parts, which tests/e2e runs without; and with the seconds, which the report leaves out
    "evaluate": {
        "v": 2,
        "seed": 1,
        "title": "A <tiny> report",
        "bins": 10,
        "resamples": 100,
        "overlays": 1,
        "worst": 1,
        "enough": 2,
        "epsilons": [2],
        "blurs": [1],
        "latency": {"photos": 1, "file": True},
        "spread": True,
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
ELSEWHERE = {
    "TZ": "Asia/Tokyo",
    "LANG": "C",
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "USER": "somebody",
    "PYTHONHASHSEED": "7",
    "SOURCE_DATE_EPOCH": "1",
}
SECTIONS = (
    "Scores per class",
    "Against simpler answers",
    "Where it is strong and where it is weak",
    "Can its confidence be trusted?",
    "Does it behave?",
    "Robustness",
    "The same training from other seeds",
    "The worst photos",
)


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
    assert ("latency of one photo: median " in done.stderr) is (stage == "evaluate")
    (folder / "outputs").mkdir(exist_ok=True)
    return (pfs / "out").rename(folder / "outputs" / stage)


def test_the_stages_give_what_they_promise_and_elsewhere_the_same_bytes(
    image: MakeImage, raw: Path, tmp_path: Path
) -> None:
    """The two that do all that the others do, training and asking, are run again in other surroundings."""
    first, second = tmp_path / "first", tmp_path / "a second folder"
    outputs = first / "outputs"

    def run_and_look(*stages: str) -> None:
        for stage in stages:
            output = run_stage(image, stage, (raw, outputs), first)
            assert {path.name for path in output.iterdir()} == OUTPUTS[stage]

    def again(stage: str) -> Path:
        return run_stage(image, stage, (raw, outputs), second, **ELSEWHERE)

    run_and_look("train", "tune")
    with ThreadPoolExecutor(1) as pool:
        tuned = pool.submit(again, "tune")
        run_and_look("calibrate")
        evaluated = pool.submit(again, "evaluate")
        run_and_look("evaluate")
    assert tree_digests(tuned.result()) == tree_digests(outputs / "tune")
    assert without_seconds(evaluated.result()) == without_seconds(outputs / "evaluate")
    look_at_training(outputs)
    look_at_the_report(outputs / "evaluate", tmp_path)
    shown = convert(outputs / "tune", tmp_path / "logs")
    assert shown == ("trials/000", "trials/001", "model")


def without_seconds(output: Path) -> dict[str, str]:
    """The digests of what evaluate left, but for the one file that tells how long it took."""
    digests = tree_digests(output)
    assert digests.pop("latency.json")
    return digests


def look_at_training(outputs: Path) -> None:
    member = outputs / "train" / "members" / str(TINY.seed + 1)
    assert tree_digests(member).keys() == tree_digests(outputs / "train" / "model").keys()
    assert tree_digests(member) != tree_digests(outputs / "train" / "model")
    assert len((outputs / "train" / "importance.csv").read_text().splitlines()) == 1 + 12


def look_at_the_report(evaluated: Path, folder: Path) -> None:
    metrics = json.loads((evaluated / "metrics.json").read_text())
    assert 0 < metrics["mean_iou"] <= 1
    assert metrics["spread"]["members"] == 2
    files = {path.name for path in (evaluated / "model").iterdir()}
    assert files >= {"weights.safetensors", "calibration.json", "signature.json"}
    page = (evaluated / "Report.html").read_text(encoding="utf-8")
    assert "<title>A &lt;tiny&gt; report</title>" in page
    for absent in ("latency of one photo", str(folder), "<script", "http:", "https:", "<tiny>"):
        assert absent not in page
    for section in SECTIONS:
        target = section.replace(" ", "-")
        assert f'href="#{target}"' in page
        assert f'id="{target}"' in page


def test_a_stage_says_what_is_wrong_with_its_input(image: MakeImage, raw: Path, tmp_path: Path) -> None:
    pfs = tmp_path / "pfs"
    write_yaml(pfs / "params" / "train.yaml", {**PARAMS["train"], "epoch": 3})
    for name in ("split", "weights"):
        (pfs / name).symlink_to(raw / name)
    done = image("train").run(pfs)
    assert done.returncode == 1
    assert "train.epoch: unknown key; did you mean 'epochs'?" in done.stderr
    assert "Traceback" not in done.stderr
