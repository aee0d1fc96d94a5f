from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from stagekit.canonical import sha256_file, tree_digests, write_json, write_yaml
from stagekit.errors import StageError
from stagekit.release.model import read_model
from stagekit.release.params import Limit, ReleaseParams
from stagekit.release.run import release

DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,51}[a-z0-9])?")


@pytest.fixture
def evaluated(tmp_path: Path) -> Path:
    """An output of evaluate."""
    folder = tmp_path / "evaluate"
    figures = {"mean_iou": 0.66, "mean_dice": 0.7, "pixel_accuracy": 0.9, "ece": 0.02}
    classes = {
        "iou": {"border": 0.4},
        "dice": {"border": 0.5},
        "baselines": {"majority class": {"mean_iou": 0.25}},
    }
    write_json(folder / "metrics.json", {**figures, **classes})
    write_json(folder / "model" / "signature.json", {"architecture": "unet", "image_size": 128})
    write_json(folder / "model" / "calibration.json", {"temperature": 1.25})
    (folder / "model" / "weights.safetensors").write_bytes(b"weights")
    return folder


def _release(evaluated: Path, out: Path, floor: float = 0.5) -> dict[str, object]:
    params = ReleaseParams(
        v=1,
        seed=1,
        model_name="pets-unet",
        optimise="mean_iou",
        limits=(Limit(metric="mean_iou", at_least=floor),),
        serve_image="calf/serve",
        storage_uri="s3://models",
    )
    policy = evaluated.parent / "release.yaml"
    write_yaml(policy, params.model_dump(mode="json"))
    return release(evaluated, policy, out, params).as_json()


def test_a_refused_model_leaves_only_the_decision(evaluated: Path, tmp_path: Path) -> None:
    assert _release(evaluated, tmp_path / "out", floor=0.9)["accepted"] is False
    assert list(tree_digests(tmp_path / "out")) == ["decision.json"]


def test_an_accepted_model_is_bundled_whole(evaluated: Path, tmp_path: Path) -> None:
    _release(evaluated, tmp_path / "out")
    assert list(tree_digests(tmp_path / "out")) == [
        "decision.json",
        "model/MODEL_CARD.md",
        "model/calibration.json",
        "model/manifests/kserve.yaml",
        "model/manifests/seldon.yaml",
        "model/provenance.json",
        "model/signature.json",
        "model/weights.safetensors",
    ]


def test_the_statement_binds_the_bundle_to_everything_that_was_read(evaluated: Path, tmp_path: Path) -> None:
    _release(evaluated, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "model" / "provenance.json").read_text(encoding="utf-8"))
    subjects = {item["name"].rpartition("/")[2]: item["digest"]["sha256"] for item in told["subject"]}
    assert subjects == tree_digests(evaluated / "model")
    read = told["predicate"]["buildDefinition"]["resolvedDependencies"]
    digests = {item["uri"]: item["digest"]["sha256"] for item in read}
    assert digests["pfs:evaluate:/metrics.json"] == sha256_file(evaluated / "metrics.json")
    assert digests["pfs:params:/release.yaml"] == sha256_file(evaluated.parent / "release.yaml")
    assert len(digests) == 5


def test_manifests_are_named_by_the_whole_digest_and_fit_kubernetes(evaluated: Path, tmp_path: Path) -> None:
    model = _release(evaluated, tmp_path / "out")["model"]
    for kind in ("kserve", "seldon"):
        text = (tmp_path / "out" / "model" / "manifests" / f"{kind}.yaml").read_text(encoding="utf-8")
        name = yaml.safe_load(text)["metadata"]["name"]
        assert name == f"pets-unet-{model}"
        assert DNS_LABEL.fullmatch(name)


def test_a_change_of_any_file_of_the_model_is_another_model(evaluated: Path) -> None:
    before = read_model(evaluated / "model").id
    write_json(evaluated / "model" / "calibration.json", {"temperature": 1.26})
    assert read_model(evaluated / "model").id != before


def test_the_card_tells_the_scores_and_the_files(evaluated: Path, tmp_path: Path) -> None:
    _release(evaluated, tmp_path / "out")
    card = (tmp_path / "out" / "model" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| **mean_iou** | 0.6600 |" in card
    assert "temperature: 1.25\n" in card
    assert "| border | 0.4000 | 0.5000 |" in card
    assert "| majority class | 0.2500 | not given |" in card
    assert sha256_file(evaluated / "model" / "weights.safetensors") in card


def test_the_same_evaluation_releases_the_same_bytes(evaluated: Path, tmp_path: Path) -> None:
    _release(evaluated, tmp_path / "one")
    _release(evaluated, tmp_path / "two")
    assert tree_digests(tmp_path / "one") == tree_digests(tmp_path / "two")


@pytest.mark.parametrize(
    ("missing", "message"),
    [("metrics.json", "no readable metrics"), ("model/signature.json", r"signature\.json missing")],
)
def test_nothing_to_decide_on_is_an_error_that_names_the_file(
    evaluated: Path, tmp_path: Path, missing: str, message: str
) -> None:
    (evaluated / missing).unlink()
    with pytest.raises(StageError, match=message):
        _release(evaluated, tmp_path / "out")
