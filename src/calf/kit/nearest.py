"""The name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, names: Iterable[str], cutoff: float = 0.6) -> str:
    """The one of `names` that is most like `word`, or an empty text when none is alike enough (0 to 1)."""
    return "".join(get_close_matches(word, list(names), n=1, cutoff=cutoff))
