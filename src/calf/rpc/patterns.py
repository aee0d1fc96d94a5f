"""Regular expressions that clients send. They do not run in this process: see `runner.strangers`.

Those that look for words, or for one of several words, need no such care: no text makes them slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from calf.model.errors import InvalidArgument
from calf.runner.strangers import Language, Refusal, engage

Test = Callable[[str], bool]
_EITHER_CASE = "(?i)"
_ESCAPED = re.compile(r"\\([^A-Za-z0-9])")
_ONE_OF = re.compile(r"(\(\?i\))?(\\b)?\([\w -]+(\|[\w -]+)*\)(\\b)?", re.ASCII)
"""`(one|other)`, in either case, as whole words; nothing in it is repeated or nested."""
_BOTH = re.compile(r"(\(\?i\))?\((.+?)\.\*(\\b\([\w|]+\)\\b)\|\3\.\*\2\)", re.ASCII)
"""Words and one of several words, in either order: what the dashboard looks for among problems."""
_LONGEST = 1000
_SPECIAL = set(r".^$*+?{}[]\|()")


@contextmanager
def finder(pattern: str, name: str) -> Iterator[Test]:
    """For a block, whether the pattern is found in a text. Raises `InvalidArgument`, which tells `name`."""
    rough = rough_finder(pattern)
    if rough is not None and _words(pattern) is not None:
        yield rough
        return
    if rough is not None and _ONE_OF.fullmatch(pattern):
        search = re.compile(pattern).search
        yield lambda text: rough(text) and search(text) is not None  # most texts have none of the words
        return
    with _named(pattern, name), engage(Language.REGEX, pattern) as ask:

        def find(text: str) -> bool:
            with _named(pattern, name):
                return (rough is None or rough(text)) and bool(ask(text))

        yield find


def rough_finder(pattern: str) -> Test | None:
    """Whether the pattern may be found in a line of a text, soon said; None where that is not soon said."""
    plain = _words(pattern)
    if plain is not None:
        folded = plain.casefold()
        ignores_case = pattern.startswith(_EITHER_CASE)
        return lambda text: folded in text.casefold() if ignores_case else plain in text
    if len(pattern) > _LONGEST:
        return None
    if found := _BOTH.fullmatch(pattern):
        one, other = (rough_finder((found[1] or "") + part) for part in (found[2], found[3]))
        return one and other and (lambda text: one(text) and other(text))
    if _ONE_OF.fullmatch(pattern):
        words = pattern.split("(")[-1].split(")")[0].casefold().split("|")

        def has_one(text: str) -> bool:
            folded = text.casefold()
            return any(word in folded for word in words)

        return has_one
    return None


def _words(pattern: str) -> str | None:
    """The words that a pattern looks for, as they are or in either case; None if it is more than words."""
    plain = _ESCAPED.sub("", bare := pattern.removeprefix(_EITHER_CASE))
    return None if _SPECIAL.intersection(plain) else _ESCAPED.sub(r"\1", bare)


@contextmanager
def _named(pattern: str, name: str) -> Iterator[None]:
    try:
        yield
    except Refusal as error:
        raise InvalidArgument(
            f"{name} {pattern!r} is no regular expression that can be used: {error}"
        ) from None
