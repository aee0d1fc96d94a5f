"""`make run SET=…` takes several values, also those with blanks in them."""

from __future__ import annotations

import pytest

from driver.sources import split_settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("train.epochs=9", ["train.epochs=9"]),
        (" train.epochs=9  tune.trials=6 ", ["train.epochs=9", "tune.trials=6"]),
        (
            "release.limits=[{metric: mean_iou, at_least: 0.6}] release.limits[0].at_least=0.7",
            ["release.limits=[{metric: mean_iou, at_least: 0.6}]", "release.limits[0].at_least=0.7"],
        ),
        ("split.prune={because: a = b, ids: [x]}", ["split.prune={because: a = b, ids: [x]}"]),
    ],
)
def test_values_are_parted_before_the_next_key(text: str, expected: list[str]) -> None:
    assert split_settings(text) == expected
