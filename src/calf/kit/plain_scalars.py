"""What unquoted words of YAML stand for, where YAML 1.1, 1.2 and JSON agree; where they do not, an error."""

from __future__ import annotations

import re

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_NUMBERS_BEGIN = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+(?:\.[0-9]*)?")
_OTHER_BASE = re.compile(r"[-+]?0[xXoObB][0-9a-fA-F_]+")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST_NUMBER = 400


def resolve(word: str) -> str | int | float | bool | None:
    """The value of an unquoted word. Raises `ValueError` for a number that readers would not agree on."""
    if word in _NULLS:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if word[0] not in _NUMBERS_BEGIN:
        return word
    if _LEADING_ZERO.fullmatch(word):
        raise ValueError(f"the number {word} has a leading zero, which some read as octal")
    if _OTHER_BASE.fullmatch(word):
        raise ValueError(f"the number {word} is not decimal")
    if _NO_NUMBER.fullmatch(word):
        raise ValueError(f"{word} is not a finite number")
    if len(word) > _LONGEST_NUMBER:
        return word
    if _INTEGER.fullmatch(word):
        return int(word)
    return float(word) if _FLOAT.fullmatch(word) else word
