"""The states of a glob's automaton. Only `Read` consumes a character."""

from __future__ import annotations

from dataclasses import dataclass

from calf.model.errors import InvalidArgument
from calf.model.glob.syntax import CharClass

_MOST_STATES = 20_000


@dataclass(slots=True)
class Read:
    """One character of a class, then `after`."""

    chars: CharClass
    after: int


@dataclass(slots=True)
class Fork:
    """On to one of `after`, the first that leads to a match."""

    after: list[int]


@dataclass(slots=True)
class Mark:
    """Remember the place in the text as `slot`: 2g for the start of group g, 2g + 1 for its end."""

    slot: int
    after: int


@dataclass(slots=True)
class Accept:
    """The end of the glob."""


State = Read | Fork | Mark | Accept


@dataclass(slots=True)
class Automaton:
    """States by number, and the one to begin with."""

    states: list[State]
    start: int = 0

    def add(self, state: State) -> int:
        """A new state's number. Raises `InvalidArgument` for a glob that would need too many."""
        if len(self.states) >= _MOST_STATES:
            raise too_complex()
        self.states.append(state)
        return len(self.states) - 1


def too_complex() -> InvalidArgument:
    """The error for a glob whose automaton would be too big."""
    return InvalidArgument("the glob is too complex", "use several inputs with simpler globs")
