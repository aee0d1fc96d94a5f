"""Laying one spec over another: a document of defaults under what the user gave.

The rule is the JSON merge patch: objects are merged key by key, null takes a default away, everything else
replaces. Documents spell keys in two ways and must be brought to one before.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin

from calf.kit.fieldpath import child
from calf.model.spec.errors import FieldError
from calf.model.spec.inputs import COMBINATORS, CronInput, PfsInput
from calf.model.spec.keys import by_key
from calf.model.spec.parsing import FLAGS, IGNORED, PIPELINE_KEYS, PROJECT_KEYS
from calf.model.spec.pipeline import PipelineSpec
from calf.model.spec.reading import field_types, mapping

Document = dict[str, Any]


def canonical(document: Mapping[str, object]) -> Document:
    """The document of a request with snake_case keys all the way down; null stays.

    Raises `FieldError` for keys that no spec has. Values are not looked at.
    """
    hints = field_types(PipelineSpec)
    found = by_key(mapping(document, ""), (*hints, *FLAGS, *IGNORED, "tf_job"), "", nulls=True)
    return {
        key: _pipeline(value) if key == "pipeline" else _value(hints.get(key, ("", object))[1], value, key)
        for key, value in found.items()
    }


def merge(base: Mapping[str, Any], patch: Mapping[str, Any]) -> Document:
    """`patch` laid over `base`; nulls that have nothing to take away vanish."""
    merged = dict(base)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = merge(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def check_not_emptied(document: Mapping[str, Any]) -> None:
    """Refuse a user's document that lays an empty text over a default which every pipeline needs.

    To say nothing, or null, leaves the default.
    """
    transform = document.get("transform")
    if isinstance(transform, Mapping) and transform.get("image") == "":
        raise FieldError("pipeline transform must contain an image", "transform.image")
    if document.get("output_branch") == "":
        raise FieldError("pipeline needs to specify an output branch", "output_branch")


def _value(kind: Any, value: object, path: str) -> object:
    origin, arguments = get_origin(kind), get_args(kind)
    if value is None:
        return None
    if PfsInput in arguments:
        return _input(value, path)
    if origin in (Union, types.UnionType):
        return _value(arguments[0], value, path)
    if dataclasses.is_dataclass(kind) and isinstance(value, Mapping):
        hints: dict[str, tuple[str, Any]] = field_types(kind)  # type: ignore[arg-type]  # a class is hashable
        found = by_key(mapping(value, path), hints, path, nulls=True)
        return {key: _value(hints[key][1], member, child(path, key)) for key, member in found.items()}
    if origin is tuple and isinstance(value, list):
        return [_value(arguments[0], item, child(path, place)) for place, item in enumerate(value)]
    return value


def _input(value: object, path: str) -> object:
    if not isinstance(value, Mapping):
        return value
    found = by_key(mapping(value, path), ("pfs", "cron", *COMBINATORS), path, nulls=True)
    return {key: _member(key, member, child(path, key)) for key, member in found.items()}


def _member(key: str, member: object, path: str) -> object:
    if key in COMBINATORS:
        if not isinstance(member, list):
            return member
        return [_input(item, child(path, place)) for place, item in enumerate(member)]
    return _value(PfsInput if key == "pfs" else CronInput, member, path)


def _pipeline(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    found = by_key(mapping(value, "pipeline"), PIPELINE_KEYS, "pipeline", nulls=True)
    project = found.get("project")
    if isinstance(project, Mapping):
        found["project"] = by_key(
            mapping(project, "pipeline.project"), PROJECT_KEYS, "pipeline.project", nulls=True
        )
    return found
