from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagekit.canonical import tree_digests
from stagekit.errors import StageError
from stagekit.split.assign import residue, split_of
from stagekit.split.params import Shares

if TYPE_CHECKING:
    from conftest import Ingested

SHARES = Shares(training=7, validation=1, calibration=1, test=1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Abyssinian_1", 8), ("Abyssinian_10", 0), ("Abyssinian_101", 1), ("Abyssinian_103", 9)],
)
def test_the_residue_is_that_of_the_md5_as_one_number(name: str, expected: int) -> None:
    assert residue(name) == expected


@given(st.text())
def test_residues_are_dealt_in_order(name: str) -> None:
    expected = ["training"] * 7 + ["validation", "calibration", "test"]
    assert split_of(name, SHARES) == expected[residue(name)]


def test_a_sample_never_moves_when_others_come(sixty: Ingested) -> None:
    sixty.split()
    before = sixty.where()
    for number in range(100, 140):
        sixty.sample(f"Bengal_{number}")
    after = type(sixty)(sixty.folder, sixty.out.with_name("after"))
    after.split()
    assert len(after.where()) == 100
    assert {name: after.where()[name] for name in before} == before


def test_samples_are_passed_on_by_reference_with_all_their_files(sixty: Ingested) -> None:
    sixty.split()
    for name, given_split in sixty.where().items():
        files = sorted((sixty.out / given_split / name).iterdir())
        assert [path.name for path in files] == ["image.png", "mask.png", "sample.json"]
        assert all(path.is_symlink() and path.resolve().parent.name == name for path in files)


def test_the_manifest_has_one_row_a_sample_in_order(sixty: Ingested) -> None:
    sixty.split()
    with (sixty.out / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["id"]: row["split"] for row in rows} == sixty.where()
    assert [row["id"] for row in rows] == sorted(sixty.where())


def test_the_balance_adds_up_over_species_and_breeds(sixty: Ingested) -> None:
    sixty.split()
    with (sixty.out / "balance.csv").open(encoding="utf-8") as file:
        rows = {(row["species"], row["breed"]): row for row in csv.DictReader(file)}
    sizes = Counter(sixty.where().values())
    assert set(rows) == {("cat", "*"), ("cat", "Bengal"), ("dog", "*"), ("dog", "boxer")}
    for name, size in sizes.items():
        assert int(rows["cat", "*"][name]) + int(rows["dog", "*"][name]) == size
    assert rows["cat", "Bengal"]["total"] == "30"


def test_twice_the_same_samples_give_the_same_bytes(sixty: Ingested) -> None:
    again = type(sixty)(sixty.folder, sixty.out.with_name("again"))
    sixty.split()
    again.split()
    assert tree_digests(sixty.out) == tree_digests(again.out)


def test_an_empty_ingest_is_an_error_that_says_what_to_do(ingested: Ingested) -> None:
    with pytest.raises(StageError, match="has no samples: put photos"):
        ingested.split()


def test_too_few_samples_name_the_split_that_got_none(ingested: Ingested) -> None:
    ingested.sample("Abyssinian_10")
    with pytest.raises(
        StageError, match="1 samples are too few: none fell into validation, calibration, test"
    ):
        ingested.split()
