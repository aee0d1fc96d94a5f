"""The report, run twice as its image holds it: elsewhere, under other settings, the bytes are the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import pytest

from stagekit.calibrate.calibration import UNCALIBRATED, write_calibration
from stagekit.canonical import tree_digests, write_json, write_yaml
from stagekit.model.bundle import CALIBRATION, TRAINING, WEIGHTS, Signature, write_signature
from stagekit.model.unet import build_unet
from stagekit.model.weights import get_weights, save_weights, tensors_digest
from stagekit.samples import CLASSES
from stagekit.train.history import COLUMNS, write_history
from stagekit.train.outcome import architecture_of
from tests.stagekit.learning import SIZE, TINY, write_splits

if TYPE_CHECKING:
    from conftest import Image

    MakeImage = Callable[[str], Image]

pytestmark = pytest.mark.e2e

PARAMS: dict[str, Any] = {
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
    "latency": {"photos": 1},
    "spread": True,
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
    """Outputs of split, calibrate and train: models that learned nothing, and their records."""
    folder = tmp_path / "raw"
    write_splits(folder / "split")
    for seed, model in enumerate(("calibrate/model", "train/model", "train/members/1")):
        write_model(folder / model, seed)
    write_json(
        folder / "train" / "metrics.json", {"class_shares": dict(zip(CLASSES, (0.1, 0.7, 0.2), strict=True))}
    )
    return folder


def write_model(folder: Path, seed: int) -> None:
    keras.utils.set_random_seed(seed)
    architecture = architecture_of(TINY, SIZE)
    tensors = get_weights(build_unet(architecture))
    save_weights(folder / WEIGHTS, tensors)
    write_signature(folder, Signature(architecture, tensors_digest(tensors)))
    parameters = TINY.model_dump(mode="json")
    write_json(folder / TRAINING, {"parameters": parameters, "validation": {"mean_iou": 0.3}})
    write_history(folder / "history.csv", [dict.fromkeys(COLUMNS, 1.0)])
    write_calibration(folder / CALIBRATION, UNCALIBRATED)


def run(image: MakeImage, raw: Path, pfs: Path, **env: str) -> tuple[Path, str]:
    """Run the stage; its output folder and its log."""
    write_yaml(pfs / "params" / "evaluate.yaml", PARAMS)
    for name in ("split", "calibrate", "train"):
        (pfs / name).symlink_to(raw / name)
    done = image("evaluate").run(pfs, **env)
    assert done.returncode == 0, done.stderr
    return pfs / "out", done.stderr


def test_two_runs_in_different_surroundings_give_the_same_bytes(
    image: MakeImage, raw: Path, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(run, image, raw, tmp_path / "one")
        other = pool.submit(run, image, raw, tmp_path / "a second folder", **ELSEWHERE)
    (first, log), (second, _) = one.result(), other.result()
    assert tree_digests(first) == tree_digests(second)
    assert "latency of one photo: median " in log
    page = (first / "Report.html").read_text(encoding="utf-8")
    assert "<title>A &lt;tiny&gt; report</title>" in page
    for absent in ("latency of one photo", str(tmp_path), "<script", "http:", "https:", "<tiny>"):
        assert absent not in page
    for section in SECTIONS:
        target = section.replace(" ", "-")
        assert f'href="#{target}"' in page
        assert f'id="{target}"' in page
    assert json.loads((first / "metrics.json").read_text())["spread"]["members"] == 2
