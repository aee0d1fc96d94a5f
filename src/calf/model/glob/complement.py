"""What a part of a glob does *not* match, within one path element: the subset construction, turned around."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from calf.model.glob.states import Accept, Automaton, Fork, Mark, Read, too_complex
from calf.model.glob.syntax import CharClass

_MOST_ROWS = 1_000
_OTHER = ""
"""Stands for every character that no class of the part names."""


@dataclass(slots=True)
class Row:
    """A state of the complement: whether a run may end here, and where which characters lead."""

    accepting: bool
    moves: dict[int, CharClass] = field(default_factory=dict)


def complement(automaton: Automaton) -> list[Row]:
    """The runs without `/` that the automaton does not match; the first row is where to begin.

    Raises `InvalidArgument` when there would be more than a thousand rows.
    """
    alphabet = {char for state in automaton.states if isinstance(state, Read) for char in state.chars.chars}
    symbols = [*sorted(alphabet - {"/"}), _OTHER]
    start = _closure(automaton, [automaton.start])
    numbers, queue, rows = {start: 0}, [start], list[Row]()
    for states in queue:
        rows.append(Row(not any(isinstance(automaton.states[state], Accept) for state in states)))
        leads: dict[int, set[str]] = {}
        for symbol in symbols:
            target = _closure(automaton, _step(automaton, states, symbol))
            if target not in numbers:
                numbers[target] = len(queue)
                queue.append(target)
            leads.setdefault(numbers[target], set()).add(symbol)
        if len(queue) > _MOST_ROWS:
            raise too_complex()
        rows[-1].moves = {target: _class(found, symbols) for target, found in leads.items()}
    return rows


def _class(found: set[str], symbols: list[str]) -> CharClass:
    if _OTHER in found:
        return CharClass(frozenset(set(symbols) - found | {"/"}), negated=True)
    return CharClass(frozenset(found))


def _step(automaton: Automaton, states: frozenset[int], symbol: str) -> list[int]:
    targets = []
    for number in states:
        state = automaton.states[number]
        if isinstance(state, Read) and (state.chars.negated if symbol == _OTHER else symbol in state.chars):
            targets.append(state.after)
    return targets


def _closure(automaton: Automaton, starts: Iterable[int]) -> frozenset[int]:
    seen, stack = set[int](), list(starts)
    while stack:
        number = stack.pop()
        if number in seen:
            continue
        seen.add(number)
        match automaton.states[number]:
            case Fork(after):
                stack.extend(after)
            case Mark(_, next_one):
                stack.append(next_one)
    return frozenset(seen)
