"""What was found, and what was not looked at for want of time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from calf.client.connection import Client

_SOON = 0.1
"""Seconds that one question may take."""
_NAMED = 4

Found = dict[str, str]


def found(kind: str, name: str, link: str, about: str = "", *, exact: bool = False) -> Found:
    """A row of what was found; `exact` is what may be gone to at once."""
    return {"kind": kind, "name": name, "link": link, "about": about, "exact": "yes" if exact else ""}


@dataclass(slots=True)
class Search:
    """A search that may not take long, or so many times as long: `patience`. `begun` by the monotonic clock.

    `left_out` says in words what was not looked at, or not to its end, for want of time; `more` that more was
    found than is named.
    """

    client: Client
    project: str
    text: str
    patience: float = 1.0
    begun: float = field(default_factory=time.monotonic)
    left_out: list[str] = field(default_factory=list)
    more: bool = False

    def soon(self, seconds: float = 0.0) -> Client:
        """A connection of little patience: its calls raise `TimedOut`."""
        return self.client.within((seconds or _SOON) * self.patience)

    def is_late(self, seconds: float) -> bool:
        """Whether so many seconds are over, for one of no patience."""
        return time.monotonic() > self.begun + seconds * self.patience

    def has(self, name: str) -> bool:
        """Whether the text is in a name, in either case."""
        return self.text.casefold() in name.casefold()

    def leave_out(self, what: str, names: Iterable[str]) -> None:
        """Say so of `names`, if there are any."""
        if several := list(names):
            self.left_out.append(f"{what} {some_of(several, _NAMED)}")


def some_of(names: Iterable[str], number: int) -> str:
    """`a, b and 3 more`."""
    every = list(names)
    more = f" and {len(every) - number} more" if len(every) > number else ""
    return ", ".join(islice(every, number)) + more
