"""Plain values of a spec, read strictly: what protobuf's JSON allows, and nothing that is guessed."""

from __future__ import annotations

import math
import re
from typing import Literal

from calf.kit import durations
from calf.model.spec.errors import FieldError, field_error

_INTEGER = re.compile(r"-?\d+")
_MOST_DIGITS = 400
_BIGGEST = 2**63


def text(value: object, path: str) -> str:
    """A string."""
    if isinstance(value, str):
        return value
    hint = "put it in quotes" if isinstance(value, bool | int | float) else ""
    raise _wrong("a string", value, path, hint)


def flag(value: object, path: str) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise _wrong("true or false", value, path, "without quotes")


def integer(value: object, path: str, *, unsigned: bool = False) -> int:
    """An integer, which may be a quoted string."""
    number = _integer(value)
    if number is None:
        raise _wrong("an integer", value, path)
    if unsigned and number < 0:
        raise field_error(path, f"must not be negative, but is {number}")
    if not -_BIGGEST <= number < _BIGGEST:
        raise field_error(path, f"{number} is too big for 64 bits")
    return number


def number(value: object, path: str) -> float:
    """A finite number, which may be a quoted string."""
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            result = float(value)
        except ValueError:
            raise _wrong("a number", value, path) from None
        if math.isfinite(result):
            return result
    raise _wrong("a number", value, path)


def seconds(value: object, path: str) -> float:
    """A duration such as `20s`."""
    try:
        result = durations.parse_proto(text(value, path))
    except ValueError as error:
        raise field_error(path, str(error)) from None
    if result < 0:
        raise field_error(path, f"must not be negative, but is {value}")
    return result


def one_of(value: object, choices: tuple[str, ...], path: str) -> str:
    """One of the names of an enumeration."""
    if value in choices and isinstance(value, str):
        return value
    raise _wrong(f"one of {', '.join(choices)}", value, path)


def kind_of(value: object) -> Literal["true or false", "a number", "a string", "a list", "an object", "null"]:
    """What a value of a document is, in words."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case None:
            return "null"
        case _:
            return "an object"


def _integer(value: object) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if _INTEGER.fullmatch(value):
            return int(value[:_MOST_DIGITS])  # more are too many for any field, and for Python
        case _:
            return None


def _wrong(wanted: str, value: object, path: str, hint: str = "") -> FieldError:
    shown = f" ({value!r})" if isinstance(value, bool | int | float | str) else ""
    return field_error(path, f"must be {wanted}, not {kind_of(value)}{shown}"[:200], hint)
