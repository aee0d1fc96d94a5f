"""The name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str], cutoff: float = 0.6) -> str:
    """The one of `names` that is most like `word`, or an empty text when none is alike enough (0 to 1)."""
    from difflib import get_close_matches  # here, since every command's start would pay for it

    return "".join(get_close_matches(word, list(names), n=1, cutoff=cutoff))
