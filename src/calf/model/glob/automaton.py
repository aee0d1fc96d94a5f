"""From the tree of a glob to an automaton over characters, after Thompson.

The order in a `Fork` is what makes captures well defined: alternatives in the order written, repetitions as
long as possible.
"""

from __future__ import annotations

from calf.model.glob.complement import complement
from calf.model.glob.states import Accept, Automaton, Fork, Mark, Read
from calf.model.glob.syntax import Capture, Choice, Not, One, Part, Repeat, Sequence


def build(part: Part) -> Automaton:
    """The automaton of a whole glob. Raises `InvalidArgument` when it would be too big."""
    automaton = Automaton([])
    automaton.start = _build(automaton, part, automaton.add(Accept()))
    return automaton


def _build(automaton: Automaton, part: Part, after: int) -> int:
    """Add the states for `part` followed by `after`; gives the first."""
    match part:
        case One(chars):
            return automaton.add(Read(chars, after))
        case Sequence(parts):
            for item in reversed(parts):
                after = _build(automaton, item, after)
            return after
        case Choice(options):
            return automaton.add(Fork([_build(automaton, option, after) for option in options]))
        case Repeat():
            return _repeat(automaton, part, after)
        case Capture(group, inner):
            end = automaton.add(Mark(2 * group + 1, after))
            return automaton.add(Mark(2 * group, _build(automaton, inner, end)))
        case Not(inner):
            return _not(automaton, inner, after)


def _repeat(automaton: Automaton, part: Repeat, after: int) -> int:
    fork = Fork([])
    again = automaton.add(fork)
    body = _build(automaton, part.part, after if part.once else again)
    fork.after = [body, after]
    return body if part.least else again


def _not(automaton: Automaton, part: Part, after: int) -> int:
    """Wire in the complement: read on if possible, and leave where `part` would not match."""
    rows = complement(build(part))
    forks = [Fork([]) for _ in rows]
    numbers = [automaton.add(fork) for fork in forks]
    for fork, row in zip(forks, rows, strict=True):
        fork.after = [automaton.add(Read(chars, numbers[target])) for target, chars in row.moves.items()]
        if row.accepting:
            fork.after.append(after)
    return numbers[0]
