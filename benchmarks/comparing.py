"""What a benchmark gives: comparisons, each of our figure with a peer's or with a bound."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import Cost, Summary


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the work is, and where: in `folder`. `wanted` rounds are the user's choice, 0 is ours."""

    folder: Path
    is_short: bool = False
    wanted: int = 0

    def pick(self, whole: int, short: int) -> int:
        """One of two sizes."""
        return short if self.is_short else whole

    def rounds(self, whole: int, short: int = 2) -> int:
        """How often everybody takes a turn."""
        return self.wanted or self.pick(whole, short)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A line of the table. `meaning` says what the ratio is; a goal of None is one that nobody set."""

    work: str
    ours: Summary
    beside: Summary | None
    meaning: str
    ratio: float
    goal: float | None
    at_least: bool

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        if self.goal is None:
            return True
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    @property
    def verdict(self) -> str:
        """The last word of the line."""
        return "" if self.goal is None else "met" if self.met else "**missed**"

    def document(self) -> dict[str, object]:
        """For JSON."""
        return {
            "work": self.work,
            "ours": self.ours.document(),
            "beside": self.beside and self.beside.document(),
            "meaning": self.meaning,
            "ratio": self.ratio,
            "goal": self.goal,
            "at_least": self.at_least,
            "met": self.met,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """All lines of one benchmark, and what the reader should know of them."""

    lines: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether all goals are reached."""
        return all(line.met for line in self.lines)


def faster(work: str, ours: Summary, beside: Summary, goal: float | None = None) -> Comparison:
    """We are at least `goal` times as fast."""
    return Comparison(work, ours, beside, "times as fast", beside.wall / ours.wall, goal, at_least=True)


def within(work: str, ours: Summary, beside: Summary, goal: float | None = None) -> Comparison:
    """We take at most `goal` times as long (or as much)."""
    return Comparison(work, ours, beside, "times its cost", ours.wall / beside.wall, goal, at_least=False)


def at_most(work: str, ours: Summary, goal: float) -> Comparison:
    """Our figure is at most the bound."""
    return Comparison(work, ours, None, ours.unit, ours.wall, goal, at_least=False)


def alone(work: str, ours: Summary) -> Comparison:
    """Our figure, which nobody set a goal for."""
    return Comparison(work, ours, None, ours.unit, ours.wall, None, at_least=False)


def at_least(work: str, ours: Summary, goal: float) -> Comparison:
    """Our figure is at least the bound."""
    return Comparison(work, ours, None, ours.unit, ours.wall, goal, at_least=True)


def in_turns(
    turns: Mapping[str, Callable[[int], Cost]], rounds: int, warm_up: int = 1, seldom: Sequence[str] = ()
) -> dict[str, Summary]:
    """Everybody's runs, round by round, the order turned each time; the first rounds only warm up.

    Who is `seldom` asked (since it takes minutes) runs once, without a warm-up.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in turns}
    names = list(turns)
    for number in range(warm_up + rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            if name in seldom and number:
                continue
            cost = turns[name](number)
            say(f"  round {number} of {warm_up + rounds - 1}: {name} {cost.wall:.3f} s, CPU {cost.cpu:.3f} s")
            if name in seldom or number >= warm_up:
                costs[name].append(cost)
    return {name: Summary(name, tuple(runs)) for name, runs in costs.items()}


def say(text: str) -> None:
    """Show that it goes on."""
    print(text, file=sys.stderr, flush=True)
