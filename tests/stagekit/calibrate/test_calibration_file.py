from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stagekit.calibrate.calibration import (
    UNCALIBRATED,
    Calibration,
    Curve,
    read_calibration,
    write_calibration,
)
from stagekit.errors import StageError

CURVE = Curve((0.1, 0.6), (0.2, 0.7))
FAMILIES = [
    UNCALIBRATED,
    Calibration("temperature", temperature=1.25),
    Calibration("vector", scale=(1.0, 1.5, 0.5), bias=(0.0, -0.25, 0.125)),
    Calibration("isotonic", curves=(CURVE, CURVE, Curve((0.5,), (0.5,)))),
]


@pytest.mark.parametrize("calibration", FAMILIES, ids=lambda family: family.method)
def test_a_calibration_comes_back_from_its_file(tmp_path: Path, calibration: Calibration) -> None:
    path = tmp_path / "calibration.json"
    write_calibration(path, calibration)
    assert read_calibration(path) == calibration
    assert calibration.sentence().endswith(".")
    logits = np.random.default_rng(1).normal(0, 2, (5, 4, 3))
    assert (read_calibration(path).probabilities(logits) == calibration.probabilities(logits)).all()


def test_the_file_holds_the_parameters_of_its_family_only(tmp_path: Path) -> None:
    write_calibration(tmp_path / "a.json", FAMILIES[1])
    assert json.loads((tmp_path / "a.json").read_text()) == {
        "v": 2,
        "method": "temperature",
        "temperature": 1.25,
    }


def test_a_file_of_version_one_can_still_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"v": 1, "method": "temperature", "temperature": 1.5}')
    assert read_calibration(tmp_path / "a.json") == Calibration("temperature", temperature=1.5)
    (tmp_path / "b.json").write_text('{"v": 1, "method": "none", "temperature": 1.0}')
    assert read_calibration(tmp_path / "b.json") == UNCALIBRATED


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"v": 2, "method": "temperature", "temperature": 0}',
        '{"v": 2, "method": "temperature", "temperature": "1.0"}',
        '{"v": 2, "method": "temperature", "temperature": NaN}',
        '{"v": 3, "method": "temperature", "temperature": 1.0}',
        '{"v": 1, "method": "isotonic", "temperature": 1.0}',
        '{"v": 2, "method": "platt"}',
        '{"v": 2, "method": "vector", "scale": [1.0, 1.0], "bias": [0.0]}',
        '{"v": 2, "method": "vector", "scale": [1.0, true], "bias": [0.0, 0.0]}',
        '{"v": 2, "method": "isotonic", "curves": []}',
        '{"v": 2, "method": "isotonic", "curves": [{"x": [0.1, 0.1], "y": [0.2, 0.3]}]}',
        '{"v": 2, "method": "isotonic", "curves": [{"x": [0.1, 0.2], "y": [0.4, 0.3]}]}',
        '{"v": 2, "method": "isotonic", "curves": [{"x": [0.1, 0.2], "y": [0.0, 0.3]}]}',
        '{"v": 2, "method": "isotonic", "curves": [{"x": [0.1], "y": [0.2, 0.3]}]}',
    ],
)
def test_a_damaged_calibration_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(content)
    with pytest.raises(StageError, match=r"calibration\.json"):
        read_calibration(path)
