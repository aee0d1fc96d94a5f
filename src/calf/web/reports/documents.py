"""Small files of finished commits, read and remembered: figures, decisions, parameters.

They come from stages, so they are hostile: bounded in size and depth, and whatever is no document is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from calf.client.connection import Client
from calf.client.get import get_file
from calf.kit.errors import InvalidSpec
from calf.model.errors import CalfError, Category
from calf.web.lineage.spots import Spot

LONGEST = 1 << 20
"""Bytes of a document; longer ones are left alone."""
MOST = 5000
"""Values of a document; the rest is left out."""
_DEEPEST = 32
_LONGEST_NAME = 500
_ENDLESS = 10**300
_ABSENT = (Category.NOT_FOUND, Category.INVALID, Category.PRECONDITION, Category.STATE)
"""What a server says of a file that is not there, is a folder, or whose bytes were given up."""
Scalar = str | int | float | bool | None
Flat = Mapping[str, Scalar]
"""A document as one value a name; `a.b.0` is the first of the list `b` in `a`."""


@lru_cache(maxsize=256)
def flat_file(client: Client, spot: Spot, path: str) -> Flat:
    """The values of a JSON or YAML file of a finished commit; empty when it is not there, or is neither."""
    text = text_file(client, spot, path)
    if text is None:
        return {}
    return dict(flatten(_parsed(text, path)))


def text_file(client: Client, spot: Spot, path: str) -> str | None:
    """A small text; None when it is not there, too long, or no UTF-8."""
    data = bytearray()
    try:
        for piece in get_file(client, spot.file(path)):
            data += piece
            if len(data) > LONGEST:
                return None
        return data.decode()
    except UnicodeDecodeError:
        return None
    except CalfError as error:
        if error.category in _ABSENT:
            return None
        raise


def _parsed(text: str, path: str) -> Any:
    try:
        if path.endswith(".json"):
            return json.loads(text)
        from calf.kit.strict_yaml import load_all

        documents = load_all(text, path)
        return documents[0].value if documents else None
    except (ValueError, RecursionError, InvalidSpec):
        return None


def flatten(document: Any) -> Iterator[tuple[str, Scalar]]:
    """The values of a document by dotted names, in its order; figures that are not finite are None.

    Values with endless names are left out.
    """
    todo: list[tuple[str, Any, int]] = [("", document, 0)]
    told = 0
    while todo and told < MOST:
        name, value, depth = todo.pop()
        pairs = _members(value) if depth < _DEEPEST else []
        if pairs:
            lead = f"{name}." if name else ""
            named = [(lead + key, member, depth + 1) for key, member in pairs if _fits(lead, key)]
            todo += reversed(named)
        elif name and not isinstance(value, dict | list):
            told += 1
            yield name, plain(value)


def _fits(lead: str, key: str) -> bool:
    """Whether a value has a name that one can do with: each of a million may repeat what is above it."""
    return len(lead) + len(key) <= _LONGEST_NAME


def _members(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(readable(str(key)), member) for key, member in value.items()]
    if isinstance(value, list):
        return [(str(at), member) for at, member in enumerate(value)]
    return []


def plain(value: Any) -> Scalar:
    """A value as pages and JSON can say it; figures that are not finite, or endless, are None."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if abs(value) < _ENDLESS else None
    return readable(str(value))


def readable(text: str) -> str:
    """A text without halves of characters, which JSON may hold and no page can."""
    return text.encode("utf-8", "replace").decode()
