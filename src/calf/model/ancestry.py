"""Ancestry: how users count commits back from a branch or forward from its root (`master^2`, `master.1`)."""

from __future__ import annotations

from dataclasses import dataclass

from calf.model.errors import InvalidArgument

_SEPARATORS = "^~."
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Ancestry:
    """`base`, then `back` parents back; or, when `from_root` is set, counted from the root (1)."""

    base: str
    back: int = 0
    from_root: int | None = None


def parse(text: str) -> Ancestry:
    """Split what a user typed for a commit, a branch or a pipeline version.

    `x^`, `x^^`, `x^3` and the same with `~` go back; `x.3` is the third from the root; `x.-3` also goes back.
    Raises `InvalidArgument` when separators are mixed or something else follows them.
    """
    at = next((place for place, char in enumerate(text) if char in _SEPARATORS), None)
    if at is None:
        return Ancestry(text)
    base, separator, rest = text[:at], text[at], text[at + 1 :]
    count = _number(rest)
    if count is None:
        stranger = next((char for char in rest if char != separator), None)
        if stranger is not None:
            raise InvalidArgument(
                f'invalid ancestry syntax "{text}", cannot mix {separator} and {stranger} characters',
                "write master^, master^^, master^2 or master.1",
            )
        count = 1 + len(rest)
        return Ancestry(base, back=count)
    if separator == ".":
        count = -count
    return Ancestry(base, back=count) if count >= 0 else Ancestry(base, from_root=-count)


def _number(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdecimal()):
        return None
    if len(digits) > _MOST_DIGITS:
        raise InvalidArgument(f"there are no {digits[:_MOST_DIGITS]}... generations", "write master^2")
    return int(text)
