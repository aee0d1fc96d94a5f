from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from data.generate import generate
from stagekit.canonical import tree_digests


def test_the_same_seed_draws_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 1), ("three", 2)):
        generate(tmp_path / name, 2, seed)
    one, two, three = (tree_digests(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert not set(one.values()) & set(three.values())


def test_more_samples_leave_the_earlier_ones_as_they_are(tmp_path: Path) -> None:
    generate(tmp_path / "few", 2, 1)
    generate(tmp_path / "more", 3, 1)
    few, more = tree_digests(tmp_path / "few"), tree_digests(tmp_path / "more")
    assert {name: more[name] for name in few if name != ".drawn"}.items() <= few.items()


def test_pictures_and_trimaps_are_in_the_layout_of_the_real_set(tmp_path: Path) -> None:
    generate(tmp_path, 8, 1)
    photos = sorted((tmp_path / "images").iterdir())
    trimaps = sorted((tmp_path / "annotations" / "trimaps").iterdir())
    assert [path.stem for path in photos] == [path.stem for path in trimaps]
    assert {name[0].isupper() for name in (path.stem for path in photos)} == {True, False}
    for photo, trimap in zip(photos, trimaps, strict=True):
        with Image.open(photo) as picture, Image.open(trimap) as classes:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", classes.size)
            assert set(np.unique(np.asarray(classes))) == {1, 2, 3}


def test_the_border_lies_between_pet_and_background(tmp_path: Path) -> None:
    generate(tmp_path, 3, 1)
    for path in (tmp_path / "annotations" / "trimaps").iterdir():
        with Image.open(path) as picture:
            classes = np.asarray(picture).astype(int)
        for axis in (0, 1):
            one, other = np.delete(classes, -1, axis), np.delete(classes, 0, axis)
            assert not ((one + other == 3) & (one != other)).any(), "pet touches background"


def test_a_complete_folder_is_left_alone_and_an_incomplete_one_is_drawn_anew(tmp_path: Path) -> None:
    generate(tmp_path, 2, 1)
    first, second = sorted((tmp_path / "images").iterdir())
    first.write_bytes(b"kept")
    generate(tmp_path, 2, 1)
    assert first.read_bytes() == b"kept"
    second.unlink()
    generate(tmp_path, 2, 1)
    assert second.is_file()
    assert first.read_bytes() != b"kept"


def test_another_count_removes_what_was_too_much(tmp_path: Path) -> None:
    generate(tmp_path, 3, 1)
    generate(tmp_path, 2, 1)
    assert len(list((tmp_path / "images").iterdir())) == 2
