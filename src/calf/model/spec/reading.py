"""From a plain document to the dataclasses of a spec, guided by their types.

The classes are the schema: a field's name is its key (camelCase is taken too), its type says what it may
hold. So a new field is one line, and reading, writing and the list of known keys cannot drift apart.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from calf.kit.fieldpath import child
from calf.model.spec import scalars
from calf.model.spec.errors import field_error
from calf.model.spec.inputs import COMBINATORS, CronInput, Input, PfsInput
from calf.model.spec.keys import by_key


def read(kind: Any, value: object, path: str) -> Any:
    """`value` as an instance of `kind`: a dataclass, a scalar type, or a tuple, mapping or option of those.

    Raises `FieldError` naming the path of what does not fit.
    """
    if PfsInput in get_args(kind):
        return read_input(value, path)
    if dataclasses.is_dataclass(kind):
        return read_fields(kind, mapping(value, path), path)
    if kind in _SCALARS:
        return _SCALARS[kind](value, path)
    return _read_generic(kind, value, path)


def _read_generic(kind: Any, value: object, path: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        if "seconds" in arguments:
            return scalars.seconds(value, path)
        return scalars.integer(value, path, unsigned=True)
    if origin is Literal:
        return scalars.one_of(value, arguments, path)
    if origin is tuple:
        return tuple(read(arguments[0], item, child(path, i)) for i, item in enumerate(items(value, path)))
    if origin in (Union, types.UnionType):
        return read(arguments[0], value, path)
    return {key: scalars.text(item, child(path, key)) for key, item in mapping(value, path).items()}


_SCALARS: dict[Any, Any] = {
    str: scalars.text,
    bool: scalars.flag,
    int: scalars.integer,
    float: scalars.number,
}


def read_fields(kind: Any, document: Mapping[str, object], path: str) -> Any:
    """An instance of the dataclass `kind` from a document; fields without a key keep their default."""
    hints = field_types(kind)
    found = by_key(document, hints, path)
    return kind(
        **{hints[key][0]: read(hints[key][1], value, child(path, key)) for key, value in found.items()}
    )


def read_input(value: object, path: str) -> Input:
    """An input: an object with exactly one of pfs, cron, cross, union, join and group."""
    found = by_key(mapping(value, path), ("pfs", "cron", *COMBINATORS), path)
    given = {key: member for key, member in found.items() if member != []}
    if not given:
        raise field_error(path, "no input set", "give one of pfs, cron, cross, union, join or group")
    if len(given) > 1:
        raise field_error(path, "multiple input types set", f"keep one of {', '.join(given)}")
    key, member = given.popitem()
    where = child(path, key)
    if key in COMBINATORS:
        members = (read_input(item, child(where, i)) for i, item in enumerate(items(member, where)))
        return COMBINATORS[key](tuple(members))
    leaf: Input = read(PfsInput if key == "pfs" else CronInput, member, where)
    return leaf


def mapping(value: object, path: str) -> Mapping[str, object]:
    """An object with string keys."""
    if not isinstance(value, Mapping):
        raise field_error(path, f"must be an object, not {scalars.kind_of(value)}")
    for key in value:
        if not isinstance(key, str):
            raise field_error(path, f"the key {key!r} must be a string", "put it in quotes")
    return value


def items(value: object, path: str) -> list[object]:
    """A list."""
    if isinstance(value, list):
        return value
    raise field_error(path, f"must be a list, not {scalars.kind_of(value)}")


@cache
def field_types(kind: Any) -> dict[str, tuple[str, Any]]:
    """For each key of a dataclass in documents: the field's name and its type."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        entry.metadata.get("key", entry.name): (entry.name, hints[entry.name])
        for entry in dataclasses.fields(kind)
    }
