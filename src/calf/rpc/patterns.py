"""Regular expressions that clients send. They do not run in this process: see `runner.strangers`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from calf.model.errors import InvalidArgument
from calf.runner.strangers import Language, Refusal, engage

Test = Callable[[str], bool]
_SPECIAL = set(r".^$*+?{}[]\|()")


@contextmanager
def finder(pattern: str, name: str) -> Iterator[Test]:
    """For a block, whether the pattern is found in a text. Raises `InvalidArgument`, which tells `name`."""
    if not _SPECIAL.intersection(pattern):
        yield lambda text: pattern in text
        return
    with _named(pattern, name), engage(Language.REGEX, pattern) as ask:

        def find(text: str) -> bool:
            with _named(pattern, name):
                return bool(ask(text))

        yield find


@contextmanager
def _named(pattern: str, name: str) -> Iterator[None]:
    try:
        yield
    except Refusal as error:
        raise InvalidArgument(
            f"{name} {pattern!r} is no regular expression that can be used: {error}"
        ) from None
