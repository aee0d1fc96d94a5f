"""Names that were misspelt, and names that are like nothing known."""

from __future__ import annotations

from calf.kit.nearest import nearest


def test_a_misspelt_name_finds_the_one_that_was_meant() -> None:
    assert nearest("imges", ["labels", "images", "image-set"]) == "images"


def test_a_name_like_no_other_finds_none() -> None:
    assert nearest("weights", ["photos", "docs"]) == ""
    assert nearest("weights", []) == ""


def test_names_may_come_one_by_one_and_be_asked_to_be_more_alike() -> None:
    assert nearest("imges", iter(["images"]), cutoff=0.99) == ""
