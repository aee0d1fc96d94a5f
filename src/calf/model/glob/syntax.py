"""The parts of a glob, as a tree of values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CharClass:
    """A set of characters, or with `negated` all others."""

    chars: frozenset[str]
    negated: bool = False

    def __contains__(self, char: str) -> bool:
        return (char in self.chars) != self.negated


ANY = CharClass(frozenset(), negated=True)
NOT_SLASH = CharClass(frozenset("/"), negated=True)


@dataclass(frozen=True, slots=True)
class One:
    """Exactly one character of a class."""

    chars: CharClass


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after another."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; the earlier wins."""

    options: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part as often as possible: at least `least` times (0 or 1), at most once if `once`."""

    part: Part
    least: int = 0
    once: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """A part whose text is remembered as group `group`, from 1."""

    group: int
    part: Part


@dataclass(frozen=True, slots=True)
class Not:
    """Any run within one path element that the part does not match as a whole."""

    part: Part


Part = One | Sequence | Choice | Repeat | Capture | Not
