"""Running a glob's automaton in time linear in the path, whatever the glob.

A pass from the end of the path finds, for every place, the reading states from which the rest can match;
sets of states are integers, and sets once met are remembered with their transitions, so a step is mostly
one lookup. With those sets known, a pass from the start never has to turn back: it takes the most preferred
way that is still alive, which gives the same captures as backtracking would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from calf.model.glob.states import Accept, Automaton, Fork, Mark, Read, too_complex

_MOST_EFFORT = 500_000
_MOST_MET = 2_000
_MOST_WORK = 100_000
_BITS_AT_ONCE = 512
_MOST_DISTANCES = 6
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
    the path is stepped through without looking them up. What a path may cost is bounded: steps from sets that
    are new count by their size, and a glob that needs too many is refused.
    """

    def __init__(self, ways: Ways, *, backward: bool) -> None:
        self._ways = ways
        self._backward = backward
        self._related = self._relation()
        self._unions: list[dict[int, int]] = [{} for _ in range(0, len(self._related), _CHUNK)]
        self._sort()
        self._far: dict[int, int] = {}
        self._by_char: dict[str, int] = {}
        self._met: dict[int, dict[str, int]] = {}

    def run(self, bits: int, text: Iterable[str]) -> list[int] | None:
        """The set `bits` and the sets after each character; None as soon as one is empty.

        Raises `InvalidArgument` for a glob that takes too much work on this text.
        """
        trail, met, rest, work = [bits], self._met, iter(text), _MOST_WORK
        leads = met.setdefault(bits, {})
        for char in rest:
            following = leads.get(char)
            if following is None:
                work -= self._cost_of_others if bits & self._others else self._cost
                if work < 0:
                    raise too_complex()
                following = leads[char] = self._step(bits, char)
            if not following:
                return None
            bits = following
            trail.append(bits)
            found = met.get(bits)
            if found is None:
                if len(met) >= _MOST_MET:
                    return self._step_through(trail, rest, work)
                found = met[bits] = {}
            leads = found
        return trail

    def _step_through(self, trail: list[int], text: Iterable[str], work: int) -> list[int] | None:
        """Go on from the last set of a trail: `_step`, written out where it is simple, for its cost."""
        bits, by_char, simple = trail[-1], self._by_char, self._backward
        stay, ahead, others, known = self._stay, self._ahead, self._others, self._far
        for char in text:
            reading = by_char.get(char)
            if reading is None or not simple:
                work -= self._cost_of_others - self._cost if bits & others else 0
                bits = self._step(bits, char)
            else:
                found = bits & stay | (bits & ahead) << 1
                if rest := bits & others:
                    far = known.get(rest)
                    if far is None:
                        work -= self._cost_of_others
                        far = self._from_others(rest)
                    found |= far
                bits = found & reading
            work -= self._cost
            if work < 0:
                raise too_complex()
            if not bits:
                return None
            trail.append(bits)
        return trail

    def _sort(self) -> None:
        """Nearly all states lead to their neighbour, to themselves or a few places away: those go at once."""
        found = [_distances(number, related) for number, related in enumerate(self._related)]
        often = Counter(distance for distances in found for distance in distances or ())
        masks = {distance: 0 for distance, _ in often.most_common(_MOST_DISTANCES)}
        self._odd = self._others = 0
        for number, distances in enumerate(found):
            if distances is None or not masks.keys() >= distances:
                self._odd |= 1 << number
                continue
            for distance in distances:
                masks[distance] |= 1 << number
        self._stay, self._ahead = masks.pop(0, 0), masks.pop(1, 0)
        self._left = [(mask, distance) for distance, mask in masks.items() if distance > 0]
        self._right = [(mask, -distance) for distance, mask in masks.items() if distance < 0]
        for mask in (self._odd, *masks.values()):
            self._others |= mask
        self._cost = 1 + len(found) // _BITS_AT_ONCE
        chunks = sum(map(bool, self._odd.to_bytes(len(self._unions), "little")))
        self._cost_of_others = self._cost + len(self._left) + len(self._right) + chunks

    def union(self, bits: int) -> int:
        """All states related to those of a set."""
        found, rest = bits & self._stay | (bits & self._ahead) << 1, bits & self._others
        return found | self._from_others(rest) if rest else found

    def _from_others(self, bits: int) -> int:
        """What is neither the states themselves nor their next neighbours; remembered."""
        result = self._far.get(bits, 0)
        if result:
            return result
        for mask, distance in self._left:
            result |= (bits & mask) << distance
        for mask, distance in self._right:
            result |= (bits & mask) >> distance
        if odd := bits & self._odd:
            result |= self._union_by_chunks(odd)
        if len(self._far) < _MOST_MET:
            self._far[bits] = result
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


def _distances(number: int, related: int) -> set[int] | None:
    """How far what a state leads to is from it; None for too many to be looked at one by one."""
    if related.bit_count() > _MOST_DISTANCES:
        return None
    found = set[int]()
    while related:
        lowest = related & -related
        found.add(lowest.bit_length() - 1 - number)
        related ^= lowest
    return found


def _bits(numbers: Iterable[int]) -> int:
    result = 0
    for number in numbers:
        result |= 1 << number
    return result
