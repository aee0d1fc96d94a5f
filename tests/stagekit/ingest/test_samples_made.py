from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from stagekit.canonical import sha256_file, tree_digests
from stagekit.errors import StageError
from stagekit.ingest.params import IngestParams
from stagekit.ingest.run import ingest

if TYPE_CHECKING:
    from conftest import Pets

PHOTOS = Path(__file__).parents[4] / "shared" / "data" / "pets"


def test_a_pair_becomes_a_square_picture_a_mask_of_classes_and_a_record(pets: Pets) -> None:
    photo, trimap = pets.photo("Bengal_1"), pets.trimap("Bengal_1")
    pets.ingest()
    folder = pets.out / "samples" / "Bengal_1"
    with Image.open(folder / "image.png") as image, Image.open(folder / "mask.png") as mask:
        assert (image.mode, image.size, mask.mode, mask.size) == ("RGB", (32, 32), "L", (32, 32))
        assert set(np.unique(np.asarray(mask))) == {0, 1, 2}
    record = pets.record("Bengal_1")
    assert record["source"]["image"] == {"name": "Bengal_1.jpg", "sha256": sha256_file(photo)}
    assert record["source"]["trimap"] == {"name": "Bengal_1.png", "sha256": sha256_file(trimap)}
    assert (record["source"]["width"], record["source"]["height"], record["size"]) == (60, 40, 32)


def test_the_mask_is_the_trimap_less_one_pixel_by_pixel(pets: Pets) -> None:
    pets.photo("Bengal_1", (64, 64))
    pets.trimap("Bengal_1", (64, 64), (1, 2, 3, 2))
    pets.ingest(image_size=64)
    with Image.open(pets.out / "samples" / "Bengal_1" / "mask.png") as mask:
        assert np.asarray(mask)[0].tolist() == [0] * 16 + [1] * 16 + [2] * 16 + [1] * 16
    assert pets.record("Bengal_1")["class_shares"] == {"pet": 0.25, "background": 0.5, "border": 0.25}


@pytest.mark.parametrize(
    ("name", "breed", "species"),
    [
        ("Egyptian_Mau_12", "Egyptian_Mau", "cat"),
        ("american_bulldog_3", "american_bulldog", "dog"),
        ("holiday", "unknown", "unknown"),
    ],
)
def test_breed_and_species_are_read_from_the_id(pets: Pets, name: str, breed: str, species: str) -> None:
    pets.photo(name)
    pets.trimap(name)
    pets.ingest()
    record = pets.record(name)
    assert (record["breed"], record["species"]) == (breed, species)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP"])
def test_a_picture_is_read_by_its_content_and_not_by_its_suffix(pets: Pets, kind: str) -> None:
    pets.photo("Bengal_1", kind=kind)
    pets.trimap("Bengal_1")
    pets.ingest()
    assert pets.record("Bengal_1")["source"]["format"] == kind


def test_pairs_are_made_by_id_also_where_one_side_has_gaps(pets: Pets) -> None:
    for name in ("a_1", "a_2", "a_3"):
        pets.photo(name)
    for name in ("a_2", "a_3", "a_4"):
        pets.trimap(name)
    pets.ingest()
    assert sorted(path.name for path in (pets.out / "samples").iterdir()) == ["a_2", "a_3"]
    for name in ("a_2", "a_3"):
        assert pets.record(name)["source"]["trimap"]["name"] == f"{name}.png"
    assert pets.rejected() == {"a_1": "mask_missing", "a_4": "image_missing"}


def test_statistics_are_those_of_the_resized_picture(pets: Pets) -> None:
    pets.photo("Bengal_1")
    pets.trimap("Bengal_1")
    pets.ingest()
    with Image.open(pets.out / "samples" / "Bengal_1" / "image.png") as image:
        pixels = np.asarray(image).reshape(-1, 3)
    channels = pets.record("Bengal_1")["channels"]
    assert channels["mean"] == pytest.approx(pixels.mean(axis=0), abs=1e-5)
    assert channels["std"] == pytest.approx(pixels.std(axis=0), abs=1e-5)


def test_twice_the_same_photos_give_the_same_bytes(pets: Pets, tmp_path: Path) -> None:
    pets.photo("Bengal_1")
    pets.trimap("Bengal_1")
    pets.ingest()
    again = type(pets)(pets.folder, tmp_path / "again")
    again.ingest()
    assert tree_digests(pets.out) == tree_digests(again.out)


def test_nothing_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="nothing to ingest"):
        ingest(None, None, tmp_path, IngestParams(v=2, seed=1, image_size=32))


@pytest.mark.photos
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the real photos are not in ../shared/data/pets")
def test_records_of_real_photos_agree_with_their_manifest(pets: Pets) -> None:
    with (PHOTOS / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::96]
    for row in rows:
        for kind, suffix in (("images", "jpg"), ("annotations/trimaps", "png")):
            (pets.folder / kind).mkdir(parents=True, exist_ok=True)
            name = f"{row['stem']}.{suffix}"
            (pets.folder / kind / name).symlink_to(PHOTOS / kind / name)
    pets.ingest(image_size=128, max_source_pixels=50_000_000)
    assert pets.rejected() == {}
    for row in rows:
        record = pets.record(row["stem"])
        source = record["source"]
        assert record["breed"] == row["breed"]
        assert record["species"] == {"1": "cat", "2": "dog"}[row["species"]]
        assert (source["format"], source["width"]) == (row["img_format"], int(row["width"]))
        assert (source["image"]["sha256"], source["trimap"]["sha256"]) == (
            row["sha256_image"],
            row["sha256_trimap"],
        )
