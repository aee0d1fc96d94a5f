"""Reading a Kubernetes Secret, JSON or YAML, as users hand it in."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from calf.db.secrets import Secret
from calf.kit.strict_yaml import load_all
from calf.model.errors import InvalidArgument

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_LONGEST = 253
_LARGEST = 1 << 20
_OPAQUE = "Opaque"


def read_secret(text: str, now: float) -> Secret:
    """The secret that a document describes. Raises `InvalidArgument` that names the field, never a value."""
    documents = load_all(text, "secret")
    if len(documents) != 1 or not isinstance(documents[0].value, Mapping):
        raise InvalidArgument("failed to parse secret: one object is wanted", "give one Kubernetes Secret")
    document: Mapping[str, Any] = documents[0].value
    if document.get("kind", "Secret") != "Secret":
        raise InvalidArgument(f"failed to parse secret: kind is {document['kind']}, not Secret")
    data = {**dict(_values(document)), **dict(_plain_values(document))}
    if sum(map(len, data.values())) > _LARGEST:
        raise InvalidArgument("failed to parse secret: it is larger than 1MiB")
    return Secret(_name(document), str(document.get("type") or _OPAQUE), now, data)


def _name(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(name, str) or not name:
        raise InvalidArgument("failed to parse secret: metadata.name is missing")
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise InvalidArgument(
            f'Secret "{name}" is invalid: metadata.name: Invalid value',
            "use lower case letters, digits, '-' and '.', beginning and ending with a letter or digit",
        )
    return name


def _values(document: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    for key, value in _entries(document, "data"):
        try:
            yield key, b64decode(value, validate=True)
        except ValueError:
            raise InvalidArgument(
                f"failed to parse secret: data.{key} is not base64", "encode it, or use stringData"
            ) from None


def _plain_values(document: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    for key, value in _entries(document, "stringData"):
        yield key, value.encode()


def _entries(document: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    entries = document.get(field) or {}
    if not isinstance(entries, Mapping):
        raise InvalidArgument(f"failed to parse secret: {field} must be an object")
    for key, value in entries.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise InvalidArgument(
                f"failed to parse secret: {field} has the key {key!r}",
                "use letters, digits, '-', '_' and '.' only",
            )
        if not isinstance(value, str):
            raise InvalidArgument(f"failed to parse secret: {field}.{key} must be a text")
        yield key, value
