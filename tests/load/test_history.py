"""The judge of histories sees what is wrong with them."""

from __future__ import annotations

import pytest

from tests.load.history import History


@pytest.fixture
def history() -> History:
    made = History()
    made.wrote("a", 1, 3)
    made.wrote("b", 2, 5)
    made.read("a", 3.5, 4.5)
    made.read("b", 4, 6)
    return made


def test_a_history_that_one_order_explains_is_right(history: History) -> None:
    assert history.violations(["0", "a", "b"]) == []


def test_a_head_that_was_acknowledged_must_be_there(history: History) -> None:
    assert history.violations(["a"]) == ["head b was acknowledged and is not there"]


def test_what_is_known_is_not_forgotten(history: History) -> None:
    history.read("a", 5.5, 7)
    assert history.violations(["a", "b"]) == ["a was seen or made at 5.5 although b was known before"]


def test_nothing_is_seen_before_it_is_made(history: History) -> None:
    history.read("b", 0, 1.5)
    assert "b was seen before it was made" in history.violations(["a", "b"])
