"""Running a glob's automaton in time linear in the path, whatever the glob.

A pass from the end of the path finds, for every place, the reading states from which the rest can match;
sets of states are integers, and sets once met are remembered with their transitions, so a step is mostly
one lookup. With those sets known, a pass from the start never has to turn back: it takes the most preferred
way that is still alive, which gives the same captures as backtracking would.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calf.model.glob.states import Accept, Automaton, Fork, Mark, Read, too_complex

_MOST_EFFORT = 500_000
_MOST_MET = 2_000
_CHUNK = 8


@dataclass(frozen=True, slots=True)
class Way:
    """From a reading state (or the start) to the next, over marks that are set on the way."""

    to: int
    slots: tuple[int, ...]


class Ways:
    """Where one can go between two characters: reading states from 0, then the start, then the end."""

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        self._effort = 0
        self.reads = [state for state in automaton.states if isinstance(state, Read)]
        self.start, self.end = len(self.reads), len(self.reads) + 1
        self._numbers = {id(read): number for number, read in enumerate(self.reads)}
        self.after = [self._from(read.after) for read in self.reads]
        self.after.append(self._from(automaton.start))

    def _from(self, number: int) -> list[Way]:
        """All ways on from a state, the most preferred first, each target once."""
        found, seen = list[Way](), set[int]()
        stack: list[tuple[int, tuple[int, ...]]] = [(number, ())]
        while stack:
            number, slots = stack.pop()
            self._effort += 1 + len(slots)
            if self._effort > _MOST_EFFORT:
                raise too_complex()
            if number in seen:
                continue
            seen.add(number)
            match self._automaton.states[number]:
                case Read() as read:
                    found.append(Way(self._numbers[id(read)], slots))
                case Accept():
                    found.append(Way(self.end, slots))
                case Mark(slot, after):
                    stack.append((after, (*slots, slot)))
                case Fork(afters):
                    stack.extend((after, slots) for after in reversed(afters))
        return found


class Stepper:
    """Goes from set to set over the ways between states; `backward` follows them from the end.

    A set is an integer, a state its bit. Sets once met are remembered with where characters lead from them,
    so that a step is mostly two lookups; where a glob has run into more sets than are remembered, the rest of
    the path is stepped through without looking them up.
    """

    def __init__(self, ways: Ways, *, backward: bool) -> None:
        self._ways = ways
        self._backward = backward
        self._related = self._relation()
        self._sort()
        self._far: dict[int, int] = {}
        self._unions: list[dict[int, int]] = [{} for _ in range(0, len(self._related), _CHUNK)]
        self._by_char: dict[str, int] = {}
        self._met: dict[int, dict[str, int]] = {}

    def run(self, bits: int, text: Iterable[str]) -> list[int] | None:
        """The set `bits` and the sets after each character; None as soon as one is empty."""
        trail, met, rest = [bits], self._met, iter(text)
        leads = met.setdefault(bits, {})
        for char in rest:
            following = leads.get(char)
            if following is None:
                following = leads[char] = self._step(bits, char)
            if not following:
                return None
            bits = following
            trail.append(bits)
            found = met.get(bits)
            if found is None:
                if len(met) >= _MOST_MET:
                    return self._step_through(trail, rest)
                found = met[bits] = {}
            leads = found
        return trail

    def _step_through(self, trail: list[int], text: Iterable[str]) -> list[int] | None:
        """Go on from the last set of a trail: `_step`, written out for the sake of its cost."""
        bits, by_char = trail[-1], self._by_char
        stay, aside, odd = self._stay, self._next, self._odd
        for char in text:
            reading = by_char.get(char)
            if reading is None or bits & odd or not self._backward:
                bits = self._step(bits, char)
            else:
                bits = (bits & stay | (bits & aside) << 1) & reading
            if not bits:
                return None
            trail.append(bits)
        return trail

    def _sort(self) -> None:
        """Nearly all states lead to their neighbour, to themselves or both: sets of those go at once."""
        self._stay = self._next = self._odd = 0
        for number, related in enumerate(self._related):
            state, beside = 1 << number, self._beside(1 << number)
            if related & ~(state | beside):
                self._odd |= state
                continue
            self._stay |= related & state
            self._next |= state if related & beside else 0

    def _beside(self, bits: int) -> int:
        return bits << 1 if self._backward else bits >> 1

    def union(self, bits: int) -> int:
        """All states related to those of a set."""
        beside = bits & self._next
        result = bits & self._stay | (beside << 1 if self._backward else beside >> 1)
        odd = bits & self._odd
        if odd:
            far = self._far.get(odd)
            if far is None:
                far = self._union_by_chunks(odd)
                if len(self._far) < _MOST_MET:
                    self._far[odd] = far
            result |= far
        return result

    def _union_by_chunks(self, bits: int) -> int:
        result = 0
        for place, chunk in enumerate(bits.to_bytes(len(self._unions), "little")):
            if chunk:
                known = self._unions[place]
                if chunk not in known:
                    known[chunk] = self._union_of_chunk(place * _CHUNK, chunk)
                result |= known[chunk]
        return result

    def _step(self, bits: int, char: str) -> int:
        reading = self._by_char.get(char)
        if reading is None:
            reading = self._by_char[char] = _bits(
                number for number, read in enumerate(self._ways.reads) if char in read.chars
            )
        return self.union(bits) & reading if self._backward else self.union(bits & reading)

    def _union_of_chunk(self, base: int, chunk: int) -> int:
        result = 0
        for bit in range(_CHUNK):
            if chunk >> bit & 1:
                result |= self._related[base + bit]
        return result

    def _relation(self) -> list[int]:
        related = [0] * (self._ways.end + 1)
        for number, ways in enumerate(self._ways.after):
            for way in ways:
                if self._backward:
                    related[way.to] |= 1 << number
                else:
                    related[number] |= 1 << way.to
        return related


def _bits(numbers: Iterable[int]) -> int:
    result = 0
    for number in numbers:
        result |= 1 << number
    return result
