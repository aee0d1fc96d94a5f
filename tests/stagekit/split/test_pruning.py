from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from stagekit.config.block import migrate
from stagekit.errors import StageError
from stagekit.split.params import SPLIT
from stagekit.split.prune import chosen, main

if TYPE_CHECKING:
    from conftest import Ingested


def of_split(ingested: Ingested, name: str) -> list[str]:
    return sorted(sample for sample, split in ingested.where().items() if split == name)


@pytest.fixture
def twice(sixty: Ingested) -> tuple[Ingested, Ingested]:
    """Sixty samples dealt without pruning, and the same to be dealt again."""
    sixty.split()
    return sixty, type(sixty)(sixty.folder, sixty.out.with_name("pruned"))


def test_pruned_samples_are_left_out_of_training_and_nothing_else_moves(
    twice: tuple[Ingested, Ingested],
) -> None:
    whole, pruned = twice
    listed = of_split(whole, "training")[:5]
    pruned.split(prune=tuple(listed))
    assert {name: split for name, split in whole.where().items() if name not in listed} == pruned.where()


def test_the_manifest_and_the_report_name_what_was_pruned_and_why(twice: tuple[Ingested, Ingested]) -> None:
    whole, pruned = twice
    listed = of_split(whole, "training")[:2]
    pruned.split(prune=(*listed, "Bengal_999"))
    with (pruned.out / "manifest.csv").open(encoding="utf-8") as file:
        rows = {row["id"]: row["split"] for row in csv.DictReader(file)}
    assert [rows[name] for name in listed] == ["pruned", "pruned"]
    assert pruned.report()["pruned"] == {"because": "a former run", "ids": listed, "unknown": ["Bengal_999"]}
    assert whole.report()["pruned"] == {"because": "", "ids": [], "unknown": []}


@pytest.mark.parametrize("split", ["validation", "calibration", "test"])
def test_what_a_model_is_judged_by_cannot_be_pruned(twice: tuple[Ingested, Ingested], split: str) -> None:
    whole, pruned = twice
    judge = of_split(whole, split)[0]
    with pytest.raises(StageError, match=rf"split\.prune\.ids may hold training samples only: {judge} is in"):
        pruned.split(prune=(judge,))


def test_parameters_of_version_one_prune_nothing() -> None:
    old = {
        "v": 1,
        "seed": 1,
        "shares": {"training": 7, "validation": 1, "calibration": 1, "test": 1},
        "near_duplicates": "together",
        "max_hash_distance": 4,
        "max_rejected_share": 0.1,
    }
    assert migrate(SPLIT, old, "split.yaml").prune is None


def test_the_command_writes_an_overlay_with_one_end_of_the_ranking(tmp_path: Path) -> None:
    table = tmp_path / "importance.csv"
    table.write_text("id,el2n,rank\nc,0.9,1\na,0.5,2\nb,0.4,3\nd,0.1,4\n")
    overlay = tmp_path / "prune.yaml"
    assert main([str(table), "--easiest", "0.5", "--out", str(overlay)]) == 0
    prune = yaml.safe_load(overlay.read_text())["split"]["prune"]
    assert prune["ids"] == ["b", "d"]
    assert prune["because"].startswith("the 0.5 easiest by EL2N of the importance.csv with SHA-256 ")
    assert main([str(table), "--hardest", "0.25", "--out", str(overlay)]) == 0
    assert yaml.safe_load(overlay.read_text())["split"]["prune"]["ids"] == ["c"]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.95, 1.0, -0.5])
def test_a_share_that_leaves_out_none_or_all_is_refused(share: float) -> None:
    with pytest.raises(StageError, match="give another one"):
        chosen(["a", "b", "c"], share, hardest=True)


def test_a_file_that_is_no_importance_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "trials.csv"
    table.write_text("trial,state\n0,complete\n")
    assert main([str(table), "--easiest", "0.5", "--out", str(tmp_path / "a.yaml")]) == 1
    assert "trials.csv: not an importance.csv of train" in capsys.readouterr().err
