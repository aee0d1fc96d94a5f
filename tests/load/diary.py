"""What clients saw and were told, to be judged afterwards; foreign clients write it in their own Python."""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

AFTER = 20.0
"""Seconds after the end in which whoever still gets answers may go on."""


@dataclass
class Diary:
    """The notes of one client, or of many; all of it can be written as JSON."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """What must not happen, in words."""
    looks: list[tuple[float, float]] = field(default_factory=list)
    """When a call was over that reads metadata and does nothing else, and the seconds that it took."""
    jobs: list[float] = field(default_factory=list)
    """Seconds from a put to the end of the jobs that follow it."""
    made: list[tuple[str, float, float]] = field(default_factory=list)
    """Heads of the branch that all commit to, with the begin and the end of the call that made each."""
    seen: list[tuple[str, float, float]] = field(default_factory=list)
    """Heads of it that somebody saw."""
    kept: dict[str, list[str | None]] = field(default_factory=dict)
    """Of files with one writer, `repo:/path`: what may be in it, the last acknowledged or what came after."""
    lines: dict[str, bool] = field(default_factory=dict)
    """Lines that were appended to one file by all, and whether that was acknowledged."""
    digests: dict[str, list[str]] = field(default_factory=dict)
    """Of commits that were read, each time all of it."""

    def look(self, began: float) -> None:
        """A call that reads metadata, begun then, is over."""
        ended = time.monotonic()
        self.looks.append((ended, ended - began))

    def try_to_keep(self, name: str, value: str | None) -> None:
        """A file gets another content, None for none; until it is acknowledged it may have it or not."""
        self.kept.setdefault(name, [None]).append(value)

    def keep(self, name: str, value: str | None) -> None:
        """It was acknowledged."""
        self.kept[name] = [value]

    def add(self, other: Diary) -> None:
        """The notes of somebody else, who wrote other files and other lines."""
        self.done += other.done
        self.refused += other.refused
        for name in ("broken", "looks", "jobs", "made", "seen"):
            getattr(self, name).extend(getattr(other, name))
        self.kept.update(other.kept)
        self.lines.update(other.lines)
        for commit, digests in other.digests.items():
            self.digests.setdefault(commit, []).extend(digests)

    def written(self) -> str:
        """As JSON."""
        return json.dumps(vars(self))

    @classmethod
    def of(cls, text: str) -> Diary:
        """From JSON."""
        words: dict[str, Any] = json.loads(text)
        words["done"], words["refused"] = Counter(words["done"]), Counter(words["refused"])
        return cls(**words)


@dataclass(frozen=True)
class Life:
    """When a life is over, by `time.monotonic`, and how long the rest between two works is on average."""

    until: float
    pause: float


Work = tuple[int, Callable[[], None], frozenset[str]]
"""How often compared with others, what is done, and for which reasons it may be refused."""


def live(
    diary: Diary, life: Life, works: Sequence[Work], dice: random.Random, reason: Callable[[Exception], str]
) -> None:
    """Do one work after the other. The end is that the server stops: nothing that happens then is an error.

    `reason` says in a word why something failed.
    """
    weights = [weight for weight, _, _ in works]
    time.sleep(dice.random() * life.pause)
    while time.monotonic() < life.until + AFTER:
        [(_, work, refusals)] = dice.choices(works, weights)
        try:
            work()
            diary.done[work.__name__] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is noted
            why = reason(error)
            if time.monotonic() > life.until:
                return
            if why in refusals:
                diary.refused[f"{work.__name__}: {why}"] += 1
            else:
                diary.broken.append(f"{work.__name__}: {why}: {error}")
        time.sleep(dice.random() * 2 * life.pause)


def wait_for_others() -> float:
    """Say to who started this process that its clients are there; when their lives are to be over."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    return float(sys.stdin.readline())


def tell(diaries: Sequence[Diary]) -> None:
    """Write down what this process's clients saw, for who started it."""
    whole = Diary()
    for diary in diaries:
        whole.add(diary)
    sys.stdout.write(whole.written())
