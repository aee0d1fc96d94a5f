from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stagekit.metrics.folds import fold_numbers

IDS = tuple(f"photo_{number}" for number in range(10))


@given(st.sets(st.text(max_size=5), min_size=1, max_size=40), st.integers(2, 8))
def test_folds_are_even_and_none_is_empty(ids: set[str], folds: int) -> None:
    sizes = np.bincount(fold_numbers(tuple(sorted(ids)), folds, 7))
    assert len(sizes) == min(folds, len(ids))
    assert sizes.max() - sizes.min() <= 1


def test_folds_follow_the_ids_and_not_their_order() -> None:
    numbers = fold_numbers(IDS, 5, 1)
    assert (fold_numbers(IDS[::-1], 5, 1) == numbers[::-1]).all()
    assert (fold_numbers(IDS, 5, 2) != numbers).any()
