"""Enum numbers as they come over the wire, where any number may come."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar

from calf.model.errors import InvalidArgument

Kind = TypeVar("Kind", bound=IntEnum)


def read_enum(kind: type[Kind], number: int) -> Kind:
    """The member with this number; raises `InvalidArgument` for a number that the API does not have."""
    try:
        return kind(number)
    except ValueError:
        known = ", ".join(f"{member.value} ({member.name})" for member in kind)
        raise InvalidArgument(f"{number} is not a {kind.__name__}", f"known are {known}") from None
