from __future__ import annotations

from pathlib import Path

import pytest

from stagekit.errors import StageError
from stagekit.samples import list_samples


def _sample(folder: Path, record: str = "{}") -> None:
    folder.mkdir(parents=True)
    for name in ("image.png", "mask.png"):
        (folder / name).write_bytes(b"")
    (folder / "sample.json").write_text(record, encoding="utf-8")


def test_samples_are_listed_by_id(tmp_path: Path) -> None:
    for name in ("b_1", "A_2", "b_10"):
        _sample(tmp_path / name)
    assert [sample.id for sample in list_samples(tmp_path)] == ["A_2", "b_1", "b_10"]


def test_a_missing_folder_holds_no_samples(tmp_path: Path) -> None:
    assert list_samples(tmp_path / "samples") == []


def test_a_sample_without_its_mask_is_an_error_that_names_it(tmp_path: Path) -> None:
    _sample(tmp_path / "a_1")
    (tmp_path / "a_1" / "mask.png").unlink()
    with pytest.raises(StageError, match=r"a_1: mask\.png is missing"):
        list_samples(tmp_path)


@pytest.mark.parametrize("record", ["", "[]", "{"])
def test_a_record_that_is_no_object_is_an_error_that_names_it(tmp_path: Path, record: str) -> None:
    _sample(tmp_path / "a_1", record)
    with pytest.raises(StageError, match=r"a_1/sample\.json"):
        list_samples(tmp_path)[0].record()
