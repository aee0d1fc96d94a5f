"""What an accepted model is handed on as."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from stagekit.canonical import sha256_file, tree_digests, write_json
from stagekit.errors import StageError
from stagekit.release.bundle import MADE_HERE, Inputs
from stagekit.release.model import read_model
from stagekit.release.params import ReleaseParams
from stagekit.release.run import release
from tests.stagekit.release.made_proofs import DAG, commit_id

DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,51}[a-z0-9])?")
Proved = Callable[..., Inputs]
MakeParams = Callable[..., ReleaseParams]


@pytest.fixture
def bundle(proved: Proved, make_params: MakeParams, tmp_path: Path) -> Path:
    """The bundle of a model that has everything that the policy asks for."""
    assert release(proved(), tmp_path / "out", make_params()).accepted
    return tmp_path / "out" / "model"


def test_a_refused_model_leaves_only_the_decision(
    proved: Proved, make_params: MakeParams, tmp_path: Path
) -> None:
    assert not release(proved(), tmp_path / "out", make_params(floor=0.9)).accepted
    assert list(tree_digests(tmp_path / "out")) == ["decision.json"]


def test_good_figures_without_a_proof_are_refused_and_with_everything_waived_released(
    evaluated: Path, proved: Proved, make_params: MakeParams, tmp_path: Path
) -> None:
    bare = Inputs(evaluated, proved().policy)
    assert not release(bare, tmp_path / "out", make_params()).accepted
    waived = release(bare, tmp_path / "waived", make_params(waive="verified reproduced clean"))
    assert waived.as_json()["waived"] == ["verified", "reproduced", "clean"]
    model = tmp_path / "waived" / "model"
    manifest = yaml.safe_load((model / "manifests" / "kserve.yaml").read_text(encoding="utf-8"))
    assert manifest["metadata"]["name"] == f"pets-unet-{waived.model}"
    card = (model / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "**waived were: verified, reproduced, clean**" in card
    assert "released without a proof" in card


def test_an_accepted_model_is_bundled_whole(bundle: Path) -> None:
    assert list(tree_digests(bundle)) == [
        "MODEL_CARD.md",
        "calibration.json",
        "evaluation_result.csv",
        "manifests/kserve.yaml",
        "manifests/seldon.yaml",
        "metrics.json",
        "proof.json",
        "provenance.json",
        "signature.json",
        "training.json",
        "weights.safetensors",
    ]


def test_the_statement_binds_the_bundle_to_everything_behind_it(bundle: Path, evaluated: Path) -> None:
    told = json.loads((bundle / "provenance.json").read_text(encoding="utf-8"))
    subjects = {item["name"]: item["digest"]["sha256"] for item in told["subject"]}
    digests = tree_digests(bundle)
    del digests["provenance.json"]
    assert subjects == digests
    read = told["predicate"]["buildDefinition"]["resolvedDependencies"]
    found = {item["uri"]: item["digest"] for item in read}
    metrics = f"pfs:default/evaluate@{commit_id('evaluate')}:/metrics.json"
    assert found[metrics] == {"sha256": sha256_file(evaluated / "metrics.json")}
    assert found["pfs:params:/release.yaml"] == {"sha256": sha256_file(evaluated.parent / "release.yaml")}
    assert {"pfs:proofs:/evaluate.json", "pfs:split:/balance.csv"} <= found.keys()
    for name in (*DAG, "params", "train.spec"):
        assert set(found[f"pfs:default/{name}@{commit_id(name)}"]) == {"blake3"}
    assert set(found["image:calf/train"]) == {"sha256"}


def test_manifests_are_named_by_the_full_commit_and_fit_kubernetes(bundle: Path, evaluated: Path) -> None:
    for kind in ("kserve", "seldon"):
        text = (bundle / "manifests" / f"{kind}.yaml").read_text(encoding="utf-8")
        metadata = yaml.safe_load(text)["metadata"]
        assert metadata["name"] == f"pets-unet-{commit_id('evaluate')}"
        assert DNS_LABEL.fullmatch(metadata["name"])
        assert metadata["labels"]["app.kubernetes.io/version"] == read_model(evaluated / "model").id
        assert metadata["annotations"]["calf.dev/commit"] == commit_id("evaluate")


def test_a_change_of_any_file_of_the_model_is_another_model(evaluated: Path) -> None:
    before = read_model(evaluated / "model").id
    write_json(evaluated / "model" / "calibration.json", {"temperature": 1.26})
    assert read_model(evaluated / "model").id != before


@pytest.mark.parametrize(
    "line",
    [
        f"# pets-unet-{commit_id('evaluate')}",
        "Mean IoU **0.660** on 48 photos. It has 2.4 million weights, and costs 0.51 billion multiplications",
        "a photo. Released by policy; nothing was waived.",
        "| `mean_iou` | **0.660** | 0.610 to 0.700 | overlap",
        "| border | 0.400 | 0.500 | 0.200 |",
        "| majority class | 0.250 | 0.410 (0.380 to 0.440) |",
        "| species: cat | 0.600 | 0.500 to 0.700 | 20 |\n\n1 more slice has too few photos to say.",
        "| 0.700 | 0.80 | **failed** |",
        "| 0.500 | not given | too few photos to say |",
        "| 0.800 | 0.75 | passed, not surely |",
        "| 2 | 0.400 | 0.60 |\n| 10 | 0.100 | 0.15 |",
        "Nobody said what the photos are",
        "| Bengal | 7 | 1 | 1 | 2 | 11 |",
        "| all | 7 | 1 | 1 | 2 | 11 |",
        "temperature: 1.25\n",
        "  epochs: 7\n",
        "* yes: mean_iou 0.66 is at least 0.5",
        "* yes: verified: every byte was read",
        "pipelines/python -m stagekit.release.verify <this folder>",
        "make run PETS=<photos> OVERLAY=resolved.yaml",
        f"pachctl verify evaluate@{commit_id('evaluate')}\npachctl replay ingest@{commit_id('ingest')}\n",
        f"| `params@{commit_id('params')}` |",
        "c0ffee",
    ],
)
def test_the_card_tells(bundle: Path, line: str) -> None:
    assert line in (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_the_same_inputs_release_the_same_bytes(
    proved: Proved, make_params: MakeParams, tmp_path: Path
) -> None:
    release(proved(), tmp_path / "one", make_params())
    release(proved(), tmp_path / "two", make_params())
    assert tree_digests(tmp_path / "one") == tree_digests(tmp_path / "two")


def test_of_two_runs_only_what_names_commits_differs_and_only_in_their_names(
    proved: Proved, make_params: MakeParams, tmp_path: Path
) -> None:
    """What `calf.dev/tolerance` in `pipelines/7-release.yaml` excuses; see adr/0012."""
    one, two = tmp_path / "one", tmp_path / "two"
    release(proved(), one, make_params())
    release(proved("again"), two, make_params())
    first, second = tree_digests(one), tree_digests(two)
    assert first.keys() == second.keys()
    differ = {name for name in first if first[name] != second[name]}
    assert differ == {f"model/{name}" for name in MADE_HERE}
    for name in differ - {"model/proof.json", "model/provenance.json"}:
        assert _without_ids(one / name) == _without_ids(two / name)
    assert _without_digests(one) == _without_digests(two)


@pytest.mark.parametrize(
    ("missing", "message"),
    [("metrics.json", "no readable metrics"), ("model/signature.json", r"signature\.json missing")],
)
def test_nothing_to_decide_on_is_an_error_that_names_the_file(
    evaluated: Path, proved: Proved, make_params: MakeParams, tmp_path: Path, missing: str, message: str
) -> None:
    inputs = proved()
    (evaluated / missing).unlink()
    with pytest.raises(StageError, match=message):
        release(inputs, tmp_path / "out", make_params())


def _without_ids(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    for name in (*DAG, *(f"{stage}.spec" for stage in DAG), "params"):
        for salt in ("", "again"):
            text = text.replace(commit_id(name, salt), f"id of {name}")
    return text


def _without_digests(out: Path) -> str:
    return re.sub(r"[0-9a-f]{64}", "digest", _without_ids(out / "model" / "provenance.json"))
