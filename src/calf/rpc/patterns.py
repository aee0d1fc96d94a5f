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
_LONGEST = 1000
_SPECIAL = set(r".^$*+?{}[]\|()")


@contextmanager
def finder(pattern: str, name: str) -> Iterator[Test]:
    """For a block, whether the pattern is found in a text. Raises `InvalidArgument`, which tells `name`."""
    plain = _words(pattern)
    if plain is not None:
        folded = plain.casefold()
        ignores_case = pattern.startswith(_EITHER_CASE)
        yield lambda text: folded in text.casefold() if ignores_case else plain in text
        return
    if len(pattern) <= _LONGEST and _ONE_OF.fullmatch(pattern):
        search, words = re.compile(pattern).search, pattern.split("(")[-1].split(")")[0].casefold().split("|")

        def find_one(text: str) -> bool:
            folded = text.casefold()  # most texts have none of the words, and that is soon known
            return any(word in folded for word in words) and search(text) is not None

        yield find_one
        return
    with _named(pattern, name), engage(Language.REGEX, pattern) as ask:

        def find(text: str) -> bool:
            with _named(pattern, name):
                return bool(ask(text))

        yield find


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
