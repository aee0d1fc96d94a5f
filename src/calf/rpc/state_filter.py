"""The one form of `jqFilter` that clients send: which states."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TypeVar

from calf.model.errors import Unimplemented

State = TypeVar("State", bound=IntEnum)

_ONE = re.compile(r'\.state\s*==\s*"([A-Z]+)_([A-Z]+)"')
_SELECT = re.compile(r"\s*select\s*\((.*)\)\s*", re.DOTALL)


def states_of(jq_filter: str, prefix: str, kind: type[State]) -> frozenset[State]:
    """The states that the filter lets through; none for the empty filter, which lets all through.

    `.state == "JOB_X"` for the prefix `JOB`, several joined by `or`, also inside `select(…)`. Raises
    `Unimplemented` for others.
    """
    if not jq_filter.strip():
        return frozenset()
    inside = _SELECT.fullmatch(jq_filter)
    parts = (inside[1] if inside else jq_filter).split(" or ")
    found = [_ONE.fullmatch(part.strip(" ()\n")) for part in parts]
    names = [match[2] for match in found if match and match[1] == prefix]
    if len(names) != len(found) or any(name not in kind.__members__ for name in names):
        first, second = list(kind)[-2:]
        raise Unimplemented(
            f"the filter {jq_filter} is not supported",
            f'use .state == "{prefix}_{first.name}" or .state == "{prefix}_{second.name}"',
        )
    return frozenset(kind[name] for name in names)
