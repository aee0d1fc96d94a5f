from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stagekit.canonical import json_bytes, sorted_files, tree_digests, write_csv, write_png, yaml_bytes


def test_json_does_not_depend_on_the_order_of_keys() -> None:
    assert (
        json_bytes({"b": 1, "a": 0.1}) == json_bytes({"a": 0.1, "b": 1}) == b'{\n  "a": 0.1,\n  "b": 1\n}\n'
    )


def test_json_writes_numpy_values_as_plain_ones() -> None:
    assert json_bytes([np.float64(0.5), np.int64(2), np.arange(2)]) == json_bytes([0.5, 2, [0, 1]])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_word_for_nan_and_infinity(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        json_bytes({"iou": value})


def test_json_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(TypeError, match="cannot be written as JSON: set"):
        json_bytes({"a": {1}})


def test_yaml_sorts_keys_and_ends_with_a_newline() -> None:
    assert yaml_bytes({"b": [1], "a": None}) == b"a: null\nb:\n- 1\n"


def test_csv_has_plain_line_ends_and_exact_numbers(tmp_path: Path) -> None:
    write_csv(tmp_path / "t" / "a.csv", ("id", "iou"), [("x,y", 1 / 3), ("z", np.float64(0.1))])
    assert (tmp_path / "t" / "a.csv").read_bytes() == b'id,iou\n"x,y",0.3333333333333333\nz,0.1\n'


def test_a_picture_carries_nothing_but_its_pixels(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", np.zeros((4, 4, 3), np.uint8))
    content = (tmp_path / "a.png").read_bytes()
    chunks = [name for name in (b"tEXt", b"tIME", b"iTXt", b"pHYs", b"eXIf") if name in content]
    assert (chunks, content[:8]) == ([], b"\x89PNG\r\n\x1a\n")


def test_files_are_listed_by_their_whole_path(tmp_path: Path) -> None:
    for name in ("b/a", "b.txt", "a", "b/c/d"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    assert [path.relative_to(tmp_path).as_posix() for path in sorted_files(tmp_path)] == [
        "a",
        "b.txt",
        "b/a",
        "b/c/d",
    ]
    assert list(tree_digests(tmp_path)) == ["a", "b.txt", "b/a", "b/c/d"]
