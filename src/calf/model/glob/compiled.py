"""A glob, ready to match paths."""

from __future__ import annotations

from functools import lru_cache

from calf.model.errors import Internal, InvalidArgument
from calf.model.glob.automaton import build
from calf.model.glob.matching import Stepper, Way, Ways
from calf.model.glob.parsing import Parser
from calf.model.glob.syntax import One, Part, Sequence

_LONGEST = 65_536
_MOST_KNOWN = 20_000
_FEW_WAYS = 8
Exit = tuple[int, int, tuple[int, ...]]
"""A way as the innermost loop wants it: the bit of where it leads, where, and the slots on it."""


class Glob:
    """Pachyderm's glob language over whole paths; make one with `compile_glob`.

    Matching takes time linear in the path for every glob. Safe for several threads.
    """

    def __init__(self, pattern: str) -> None:
        """Use `compile_glob`, which remembers."""
        self.pattern = clean_pattern(pattern)
        parser = Parser(self.pattern)
        self.prefix, core, self._suffix = _literal_ends(parser.parse())
        self.groups = parser.groups
        self._ways = Ways(build(core))
        self._backward = Stepper(self._ways, backward=True)
        self._forward = Stepper(self._ways, backward=False)
        self._exits = [tuple(map(_exit, ways)) if len(ways) <= _FEW_WAYS else () for ways in self._ways.after]
        self._targets = [sum(1 << way.to for way in ways) for ways in self._ways.after]
        self._known: dict[tuple[int, int], tuple[Exit, ...]] = {}

    def matches(self, path: str) -> bool:
        """Whether the path matches; cheaper than `match`."""
        return self._trail(self._core_of(path)) is not None

    def match(self, path: str) -> tuple[str, ...] | None:
        """What each group matched, by opening parenthesis; None when the path does not match.

        A group that took no part gives an empty text. `path` begins with `/`; a directory's trailing slash
        does not count. The root matches the glob `/` only.
        """
        text = self._core_of(path)
        trail = self._trail(text)
        if text is None or trail is None:
            return None
        return self._captures(text, trail) if self.groups else ()

    def may_match_below(self, directory: str) -> bool:
        """Whether anything below a directory might match: if not, a listing can pass it by."""
        start = _clean_path(directory).rstrip("/") + "/"
        if not start.startswith(self.prefix):
            return self.prefix.startswith(start)
        first = self._forward.union(1 << self._ways.start)
        trail = self._forward.run(first, start[len(self.prefix) :])
        return trail is not None and (trail[-1] != 1 << self._ways.end or self._suffix != "")

    def _core_of(self, path: str) -> str | None:
        """The path without the glob's literal ends; None when it does not have them."""
        text, prefix, suffix = _clean_path(path), self.prefix, self._suffix
        if (text == "/") != (self.pattern == "/") or len(text) < len(prefix) + len(suffix):
            return None
        if not text.startswith(prefix) or not text.endswith(suffix):
            return None
        return text[len(prefix) : len(text) - len(suffix)]

    def _trail(self, text: str | None) -> list[int] | None:
        """The states from which the rest can match, at every place from the end; None for no match."""
        if text is None:
            return None
        trail = self._backward.run(1 << self._ways.end, reversed(text))
        if trail is None or not any(trail[-1] >> way.to & 1 for way in self._ways.after[self._ways.start]):
            return None
        return trail

    def _captures(self, text: str, trail: list[int]) -> tuple[str, ...]:
        marks = [0] * (2 * self.groups + 2)
        number, exits = self._ways.start, self._exits
        for place, alive in enumerate(reversed(trail)):
            for bit, to, slots in exits[number] or self._best(number, alive):
                if alive & bit:
                    for slot in slots:
                        marks[slot] = place
                    number = to
                    break
            else:
                raise Internal(f'the glob "{self.pattern}" lost its way in {text} at character {place}')
        return tuple(text[marks[2 * group] : marks[2 * group + 1]] for group in range(1, self.groups + 1))

    def _best(self, number: int, alive: int) -> tuple[Exit, ...]:
        """The most preferred exit of a state that has many into a set, if there is one; remembered."""
        alive &= self._targets[number]  # what else is alive makes no difference, and many keys
        known = self._known.get((number, alive))
        if known is None:
            ways = self._ways.after[number]
            known = next(((_exit(way),) for way in ways if alive >> way.to & 1), ())
            if len(self._known) < _MOST_KNOWN:
                self._known[number, alive] = known
        return known


@lru_cache(maxsize=512)
def compile_glob(pattern: str) -> Glob:
    """The glob of a pattern. Raises `InvalidArgument` saying what is malformed, and where."""
    return Glob(pattern)


def clean_pattern(pattern: str) -> str:
    """The pattern as it is matched: from the root, without a slash at the end."""
    if len(pattern) > _LONGEST:
        raise InvalidArgument(f"the glob is longer than {_LONGEST} characters")
    rooted = pattern if pattern.startswith("/") else f"/{pattern}"
    while len(rooted) > 1 and rooted.endswith("/") and not rooted.endswith("\\/"):
        rooted = rooted[:-1]
    return rooted


def _exit(way: Way) -> Exit:
    return 1 << way.to, way.to, way.slots


def _clean_path(path: str) -> str:
    return path[:-1] if path.endswith("/") and len(path) > 1 else path


def _literal_ends(part: Part) -> tuple[str, Part, str]:
    """The letters that a glob begins with, the rest, and the letters without `/` that it ends with."""
    parts = list(part.parts) if isinstance(part, Sequence) else [part]
    prefix, suffix = "", ""
    while parts and (letter := _letter(parts[0])):
        prefix += letter
        del parts[0]
    while parts and (letter := _letter(parts[-1])) and letter != "/":
        suffix = letter + suffix
        del parts[-1]
    return prefix, Sequence(tuple(parts)), suffix


def _letter(part: Part) -> str:
    """The one character that a part stands for, or an empty text."""
    if isinstance(part, One) and not part.chars.negated and len(part.chars.chars) == 1:
        return next(iter(part.chars.chars))
    return ""
