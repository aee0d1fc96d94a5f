"""What a run of load came to, as one table."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.load.diary import Diary

MOST_SHOWN = 10


@dataclass(frozen=True)
class Row:
    """A figure beside what it may be; without a limit it is only told."""

    what: str
    figure: str
    limit: str
    met: bool


def show(
    rows: Sequence[Row], diary: Diary, wrong: Mapping[str, Sequence[str]], clients: Mapping[str, int]
) -> int:
    """Print what was done, the table, and what is wrong; 1 if anything is."""
    _say(f"{sum(clients.values())} clients: {_counted(clients)}")
    _say(f"done {sum(diary.done.values())}: {_counted(diary.done)}")
    _say(f"refused, coming too late: {_counted(diary.refused) or 'none'}")
    _say("", "| what | figure | at most | |", "|---|---|---|---|")
    for row in rows:
        verdict = ("met" if row.met else "**missed**") if row.limit else ""
        _say(f"| {row.what} | {row.figure} | {row.limit} | {verdict} |")
    for what, words in {**wrong, "errors that must not be": diary.broken}.items():
        counted = Counter(words)
        _say(*(f"{what}: {number} x {word[:400]}" for word, number in counted.most_common(MOST_SHOWN)))
    bad = [row.what for row in rows if not row.met]
    _say("", f"missed: {', '.join(bad)}" if bad else "all holds")
    return 1 if bad else 0


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()
