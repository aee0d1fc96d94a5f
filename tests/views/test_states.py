"""States and reasons in words."""

from __future__ import annotations

import pytest

from calf.views.states import short


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("", ""),
        ("datum 97a6f28e0d3360ad038a71c4 failed", "datum 97a6f28e0d3360ad038..."),
        ("waiting for in, labels, weights, params", "waiting for in, labels, w..."),
        ("waiting for the disk: cannot read /a (b): it fails", "waiting for the disk: can..."),
        (
            "waiting for space (2.191MiB free, 4MiB needed): no space left to write below /data",
            "waiting for space (2.191MiB free, 4MiB needed)",
        ),
    ],
)
def test_a_table_shows_the_begin_of_a_reason_and_how_much_space_lacks(reason: str, shown: str) -> None:
    assert short(reason) == shown
