"""What `make bench` says of figures."""

from __future__ import annotations

import pytest
from against_base import is_loss, ratio_of
from comparing import Comparison, Result, at_least, at_most, faster, in_turns, within
from measuring import Cost, Summary
from table import rows


def took(name: str, *seconds: float) -> Summary:
    return Summary(name, tuple(Cost(second, second / 2) for second in seconds))


@pytest.mark.parametrize(
    ("line", "met"),
    [
        (faster("w", took("ours", 1.0), took("peer", 5.0), 5.0), True),
        (faster("w", took("ours", 1.0), took("peer", 4.9), 5.0), False),
        (within("w", took("ours", 3.0), took("peer", 1.0), 3.0), True),
        (within("w", took("ours", 3.1), took("peer", 1.0), 3.0), False),
        (at_most("w", took("ours", 0.16), 0.15), False),
        (at_least("w", took("ours", 400.0), 400.0), True),
        (faster("w", took("ours", 9.0), took("peer", 1.0)), True),
    ],
)
def test_a_goal_is_met_or_missed_and_none_is_never_missed(line: Comparison, met: bool) -> None:
    assert Result((line,)).met is met


def test_a_row_says_medians_spread_cpu_ratio_and_verdict() -> None:
    line = faster("put", took("calf", 1.0, 2.0, 1.5), took("dvc", 6.0), 5.0)
    ours, peer = "1.50 (1.00 to 2.00) | 0.750", "dvc 6.00 | 3.00"
    said = f"| put | {ours} | {peer} | 4.00 times as fast | at least 5 | **missed** |"
    assert list(rows(Result((line,)))) == [said]


def test_everybody_takes_a_turn_each_round_and_the_first_only_warms_up() -> None:
    asked: list[str] = []

    def turn(name: str) -> Cost:
        asked.append(name)
        return Cost(float(len(asked)))

    turns = {name: (lambda _number, name=name: turn(name)) for name in "abc"}
    runs = in_turns(turns, rounds=2, seldom=("c",))
    assert asked == ["a", "b", "c", "b", "a", "a", "b"]
    assert [len(runs[name].runs) for name in "abc"] == [2, 2, 1]


def test_one_slow_run_is_no_loss_and_a_loss_in_all_of_them_is() -> None:
    base = [1.0, 1.1, 1.2, 1.0, 1.1]
    assert not is_loss(base, [1.1, 3.0, 1.1, 1.0, 1.2])
    assert not is_loss(base, [1.0, 1.6, 1.6, 1.6, 1.6])  # the cheapest shows what it can cost
    assert is_loss(base, [1.3, 1.4, 1.5, 1.3, 1.4])
    assert ratio_of(base, [1.3, 1.4, 1.5, 1.3, 1.4]) == pytest.approx(1.25, abs=0.05)
    assert not is_loss([0.01] * 5, [0.02] * 5)  # hundredths of a second are nobody's loss
