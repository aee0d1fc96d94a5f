"""From a spec back to a document, the inverse of `parsing`: for storage, for users and for the wire."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from calf.kit import durations
from calf.model.refs import Pipeline
from calf.model.spec.inputs import CronInput, Input, PfsInput, key_of
from calf.model.spec.parts import Seconds
from calf.model.spec.pipeline import PipelineSpec
from calf.model.spec.reading import field_types


def to_document(spec: PipelineSpec) -> dict[str, Any]:
    """The spec as the plain document of a create-pipeline request.

    Keys are snake_case, fields at their protobuf default are left out, and the types are those of
    protobuf's JSON, so that the document reads as a message; `parse(to_document(spec)) == spec`.
    """
    return _fields(spec)


def to_json(spec: PipelineSpec) -> str:
    """The document as JSON, always the same text for the same spec."""
    return json.dumps(to_document(spec), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def input_document(node: Input) -> dict[str, Any]:
    """An input as a document."""
    if isinstance(node, PfsInput):
        return {"pfs": _fields(node)}
    if isinstance(node, CronInput):
        return {"cron": _fields(node)}
    return {key_of(node): [input_document(member) for member in node.members]}


def part_document(part: object) -> dict[str, Any]:
    """One part of a spec (a `Transform`, an `Egress`) as a document."""
    return _fields(part)


def _fields(value: Any) -> dict[str, Any]:
    kind: Any = type(value)
    types, written = field_types(kind), {}
    for entry in dataclasses.fields(value):
        key, member = entry.metadata.get("key", entry.name), getattr(value, entry.name)
        if member != _default(entry):
            written[key] = durations.format_proto(member) if types[key][1] == Seconds else _plain(member)
    return written


def _default(entry: dataclasses.Field[Any]) -> object:
    factory = entry.default_factory
    return entry.default if factory is dataclasses.MISSING else factory()


def _plain(member: Any) -> Any:
    if isinstance(member, Pipeline):
        return {"project": {"name": member.project}, "name": member.name}
    if isinstance(member, Input):
        return input_document(member)
    if dataclasses.is_dataclass(member):
        return _fields(member)
    if isinstance(member, tuple):
        return [_plain(item) for item in member]
    return dict(member) if isinstance(member, Mapping) else member
