"""Keys made of what the groups of a glob matched: `$1`, `$1$2`, `sample-$1`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from calf.model.errors import InvalidArgument

_REFERENCE = re.compile(r"\$(?:([0-9]{1,9})|\{([0-9]{1,9})\}|(\$))")


def expand(template: str, captures: Sequence[str]) -> str:
    """The template with every `$N` and `${N}` replaced by group N, and `$$` by a dollar sign.

    Raises `InvalidArgument` for a group that the glob does not have; `check_template` finds that out
    beforehand.
    """
    return _REFERENCE.sub(lambda found: _one(found, template, captures), template)


def check_template(template: str, groups: int) -> None:
    """Refuse a template that refers to more groups than its glob has."""
    expand(template, [""] * groups)


def _one(found: re.Match[str], template: str, captures: Sequence[str]) -> str:
    if found[3]:
        return "$"
    number = int(found[1] or found[2])
    if not 1 <= number <= len(captures):
        groups = "1 group" if len(captures) == 1 else f"{len(captures)} groups"
        raise InvalidArgument(
            f'"{template}" refers to ${number}, but the glob has {groups}',
            "put what the key is made of in parentheses in the glob, as in /(*).jpg",
        )
    return captures[number - 1]
