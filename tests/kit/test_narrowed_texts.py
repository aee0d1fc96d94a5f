from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from calf.kit.narrow import LONG, narrowed


def test_short_texts_are_shown_whole() -> None:
    assert narrowed("a" * LONG, "b") == ("a" * LONG, "b")


def test_of_long_ones_the_difference_is_shown() -> None:
    head, tail = "python train.py " * 10, " --out /pfs/out" * 10
    assert narrowed(f"{head}--rate 1{tail}", f"{head}--rate 25{tail}") == (
        "...n.py --rate 1 --out /pfs/...",
        "...n.py --rate 25 --out /pfs/...",
    )
    assert narrowed(head, head + "x" * 200) == ("...on train.py ", f"...on train.py {'x' * 33}...")


@given(st.text("ab", max_size=300), st.text("ab", max_size=300))
def test_different_texts_stay_different_and_short(before: str, after: str) -> None:
    found = narrowed(before, after)
    assert max(map(len, found)) <= LONG
    if before != after:
        assert found[0] != found[1]
