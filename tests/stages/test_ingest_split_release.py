"""The three light stages, run as their images hold them, one after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from stagekit.canonical import tree_digests, write_json, write_png, write_yaml
from tests.stagekit.learning import TINY
from tests.stagekit.release.made_proofs import Maker, commit_id, files_of, write_proof

if TYPE_CHECKING:
    from tests.stages.laid_out import Image as StageImage

    MakeImage = Callable[[str], StageImage]

PARAMS = {
    "ingest": {"v": 2, "seed": 1, "image_size": 32},
    "split": {
        "v": 1,
        "seed": 1,
        "shares": {"training": 4, "validation": 2, "calibration": 2, "test": 2},
        "near_duplicates": "together",
        "max_hash_distance": 4,
        "max_rejected_share": 0.1,
    },
    "release": {
        "v": 2,
        "seed": 1,
        "require": {"verified": True, "reproduced": False, "clean": False},
        "model_name": "pets-unet",
        "optimise": "mean_iou",
        "limits": [{"metric": "mean_iou", "at_least": 0.5}],
        "serve_image": "calf/serve",
        "storage_uri": "s3://models",
    },
}


def _pfs(folder: Path, stage: str, **inputs: Path) -> Path:
    """Lay out a root for a stage: its parameters, and links to its inputs."""
    write_yaml(folder / "params" / f"{stage}.yaml", PARAMS[stage])
    for name, path in inputs.items():
        (folder / name).symlink_to(path)
    return folder


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Thirty pairs of noise, one of them with a foreign value in its mask."""
    rng = np.random.default_rng(3)
    folder = tmp_path / "pets"
    (folder / "images").mkdir(parents=True)
    for number in range(30):
        name = f"Bengal_{number}"
        coarse = Image.fromarray(rng.integers(0, 255, (9, 9, 3)).astype(np.uint8))
        coarse.resize((48, 48)).save(folder / "images" / f"{name}.jpg")
        trimap = rng.integers(1, 4, (48, 48)).astype(np.uint8)
        trimap[0, 0] = 7 if number == 4 else 1
        write_png(folder / "annotations" / "trimaps" / f"{name}.png", trimap)
    return folder


@pytest.fixture
def ingested(pets: Path, tmp_path: Path, image: MakeImage) -> Path:
    """The output of the ingest image."""
    pfs = _pfs(tmp_path / "ingest", "ingest", images=pets, trimaps=pets)
    done = image("ingest").run(pfs)
    assert (done.returncode, done.stderr) == (0, "")
    return pfs / "out"


def test_ingest_rejects_the_bad_pair_and_split_deals_the_others(
    ingested: Path, tmp_path: Path, image: MakeImage
) -> None:
    assert [path.name for path in (ingested / "rejected").iterdir()] == ["Bengal_4.json"]
    pfs = _pfs(tmp_path / "split", "split", ingest=ingested)
    done = image("split").run(pfs)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads((pfs / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["samples"] == 29
    assert sum(split["samples"] for split in report["splits"].values()) == 29


def test_ingest_gives_the_same_bytes_from_another_folder_user_zone_and_date(
    pets: Path, ingested: Path, tmp_path: Path, image: MakeImage
) -> None:
    pfs = _pfs(tmp_path / "else" / "where", "ingest", images=pets, trimaps=pets)
    home = tmp_path / "home"
    home.mkdir()
    done = image("ingest").run(
        pfs, cwd=home, HOME=str(home), TZ="Asia/Tokyo", LANG="de_DE.UTF-8", SOURCE_DATE_EPOCH="1"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert tree_digests(pfs / "out") == tree_digests(ingested)


def test_ingest_of_a_lonely_trimap_rejects_it(tmp_path: Path, image: MakeImage) -> None:
    write_png(tmp_path / "trimaps" / "annotations" / "trimaps" / "a_1.png", np.ones((4, 4), np.uint8))
    pfs = _pfs(tmp_path, "ingest")
    done = image("ingest").run(pfs)
    assert done.returncode == 0
    assert list(tree_digests(pfs / "out")) == ["rejected/a_1.json"]


def test_a_bad_parameter_ends_a_stage_with_one_and_names_file_and_key(
    ingested: Path, tmp_path: Path, image: MakeImage
) -> None:
    pfs = _pfs(tmp_path / "split", "split", ingest=ingested)
    write_yaml(pfs / "params" / "split.yaml", {**PARAMS["split"], "max_rejected_shares": 1})
    done = image("split").run(pfs)
    assert done.returncode == 1
    assert f"{os.sep}params{os.sep}split.yaml" in done.stderr
    assert "split.max_rejected_shares: unknown key; did you mean 'max_rejected_share'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stage_that_learns_says_so_before_it_loads_what_it_learns_with(
    tmp_path: Path, image: MakeImage
) -> None:
    """Neither samples nor weights are there, nor is TensorFlow to be found."""
    write_yaml(tmp_path / "pfs" / "params" / "train.yaml", {**TINY.model_dump(mode="json"), "epoch": 3})
    laid_out = image("train")
    (laid_out.folder / "stage" / "tensorflow.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    done = laid_out.run(tmp_path / "pfs")
    assert done.returncode == 1
    assert "train.epoch: unknown key; did you mean 'epochs'?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("score", "proved", "verdict"),
    [(0.66, True, "accepted"), (0.4, True, "refused"), (0.66, False, "refused")],
)
def test_release_ends_with_zero_whatever_it_decides(
    tmp_path: Path, image: MakeImage, score: float, proved: bool, verdict: str
) -> None:
    evaluated = tmp_path / "evaluated"
    write_json(evaluated / "metrics.json", {"mean_iou": score})
    for name in ("signature.json", "calibration.json"):
        write_json(evaluated / "model" / name, {})
    (evaluated / "model" / "weights.safetensors").write_bytes(b"w")
    proofs = (
        {"proofs": write_proof(tmp_path / "proofs", Maker(files_of(evaluated)).proof())} if proved else {}
    )
    pfs = _pfs(tmp_path / "release", "release", evaluate=evaluated, **proofs)
    laid_out = image("release")
    done = laid_out.run(pfs)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{verdict}: ")
    assert (pfs / "out" / "model").is_dir() is (verdict == "accepted")
    if verdict == "accepted":
        command = [
            sys.executable,
            "-P",
            "-W",
            "error",
            "-m",
            "stagekit.release.verify",
            pfs / "out" / "model",
        ]
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(laid_out.folder / "stage")}
        said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
        assert said.startswith(f"verified: pfs:default/evaluate@{commit_id('evaluate')}")
