from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from stagekit.canonical import write_png
from stagekit.dataset import load_dataset
from stagekit.errors import StageError


@pytest.fixture
def folder(split_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(split_folder / "validation", tmp_path / "validation"))


def test_samples_are_loaded_in_the_order_of_their_ids(folder: Path) -> None:
    data = load_dataset(folder)
    assert list(data.ids) == sorted(data.ids)
    assert (data.images.shape, data.masks.shape) == ((4, 32, 32, 3), (4, 32, 32))
    assert [record["id"] for record in data.records] == list(data.ids)


def test_taking_a_part_keeps_samples_together(folder: Path) -> None:
    data = load_dataset(folder)
    part = data.take([2, 0])
    assert part.ids == (data.ids[2], data.ids[0])
    assert (part.masks[1] == data.masks[0]).all()
    assert part.records[0]["id"] == data.ids[2]


def test_an_empty_split_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"holds no sample.*Add data"):
        load_dataset(tmp_path / "nothing")


def test_a_mask_with_an_unknown_class_is_named(folder: Path) -> None:
    sample = sorted(folder.iterdir())[1]
    write_png(sample / "mask.png", np.full((32, 32), 7, dtype=np.uint8))
    with pytest.raises(StageError, match=rf"{sample.name}/mask\.png: value 7 is no class"):
        load_dataset(folder)


def test_a_sample_of_another_size_is_named(folder: Path) -> None:
    sample = sorted(folder.iterdir())[2]
    write_png(sample / "image.png", np.zeros((64, 64, 3), dtype=np.uint8))
    write_png(sample / "mask.png", np.zeros((64, 64), dtype=np.uint8))
    with pytest.raises(StageError, match=rf"{sample.name}: picture \(64, 64\)"):
        load_dataset(folder)


def test_a_grey_picture_is_named(folder: Path) -> None:
    sample = sorted(folder.iterdir())[0]
    write_png(sample / "image.png", np.zeros((32, 32), dtype=np.uint8))
    with pytest.raises(StageError, match=rf"{sample.name}/image\.png: mode L, expected RGB"):
        load_dataset(folder)
