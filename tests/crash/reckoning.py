"""What has been tried, what it took, and what the rest would take."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

SLOW = 8.0
"""Seconds after which one is said to have been slow: something waited for a limit of time."""


@dataclass
class Tally:
    """`all_` are those that there are of each kind; `told` what they said besides."""

    all_: Counter[str]
    tasks: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    slow: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)

    @property
    def bad(self) -> int:
        """How many found something wrong."""
        return self.wrong.total()

    def add(self, line: dict[str, Any]) -> None:
        """Count one that was tried."""
        kind = line["task"][0]
        if kind not in self.all_:
            return
        self.tasks.add(json.dumps(line["task"]))
        self.done[kind] += 1
        self.seconds[kind] += line["seconds"]
        self.wrong[kind] += bool(line["wrong"])
        self.slow[kind] += line["seconds"] > SLOW
        self.told.update(line["told"])

    def line(self) -> str:
        """How far it is."""
        parts = [f"{kind} {self.done[kind]} of {number}" for kind, number in self.all_.items()]
        return f"{', '.join(parts)}, {self.bad} wrong"

    def table(self, workers: int) -> Iterator[str]:
        """A line a kind: how many, what was wrong, seconds each, and for how long the rest would go on."""
        for kind, number in sorted(self.all_.items()):
            done = self.done[kind]
            each = self.seconds[kind] / done if done else 0.0
            rest = f"the other {number - done} would take {(number - done) * each / workers / 60:.0f} min"
            slow = f", {self.slow[kind]} slow" if self.slow[kind] else ""
            bad = f"{self.wrong[kind]} wrong{slow}"
            yield f"{kind}: {done} of {number} tried, {bad}; {each:.2f} s each; {rest}"
        yield f"{dict(sorted(self.told.items()))}; {self.bad} wrong"
