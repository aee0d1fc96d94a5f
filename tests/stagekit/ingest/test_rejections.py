from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Pets


def test_a_truncated_photo_is_rejected_by_name_and_the_others_go_on(pets: Pets) -> None:
    pets.photo("good_1")
    pets.trimap("good_1")
    photo = pets.photo("bad_1")
    pets.trimap("bad_1")
    photo.write_bytes(photo.read_bytes()[:400])
    pets.ingest()
    assert (pets.out / "samples" / "good_1").is_dir()
    assert not (pets.out / "samples" / "bad_1").exists()
    record = json.loads((pets.out / "rejected" / "bad_1.json").read_text())
    assert record["reason"] == "image_unreadable"
    assert record["message"].startswith("bad_1.jpg cannot be decoded: ")
    assert [source["name"] for source in record["sources"]] == ["bad_1.jpg", "bad_1.png"]


def test_a_trimap_with_a_foreign_value_is_rejected_and_the_value_told(pets: Pets) -> None:
    pets.photo("a_1")
    pets.trimap("a_1", values=(1, 7, 2))
    pets.ingest()
    message = json.loads((pets.out / "rejected" / "a_1.json").read_text())["message"]
    assert message == "a_1.png holds the values [7]; a trimap holds 1, 2, 3"


def test_a_trimap_of_another_size_is_rejected(pets: Pets) -> None:
    pets.photo("a_1", (60, 40))
    pets.trimap("a_1", (40, 60))
    pets.ingest()
    assert pets.rejected() == {"a_1": "size_mismatch"}


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0"])
def test_what_is_no_picture_is_rejected_on_either_side(pets: Pets, content: bytes) -> None:
    pets.photo("a_1").write_bytes(content)
    pets.trimap("a_1")
    pets.photo("a_2")
    pets.trimap("a_2").write_bytes(content)
    pets.ingest()
    assert pets.rejected() == {"a_1": "image_unreadable", "a_2": "mask_unreadable"}


def test_a_coloured_mask_is_rejected(pets: Pets) -> None:
    mask = pets.photo("a_1").read_bytes()
    pets.trimap("a_1").write_bytes(mask)
    pets.ingest()
    assert pets.rejected() == {"a_1": "mask_unreadable"}


def test_a_photo_with_too_many_pixels_is_rejected_before_it_is_decoded(pets: Pets) -> None:
    pets.photo("a_1", (200, 100))
    pets.trimap("a_1", (200, 100))
    pets.ingest(max_source_pixels=10_000)
    assert pets.rejected() == {"a_1": "image_too_large"}


def test_an_id_that_two_photos_carry_is_rejected(pets: Pets) -> None:
    photo = pets.photo("a_1")
    pets.trimap("a_1")
    (photo.parent / "more").mkdir()
    (photo.parent / "more" / "a_1.jpg").write_bytes(photo.read_bytes())
    pets.ingest()
    assert pets.rejected() == {"a_1": "duplicate_id"}
