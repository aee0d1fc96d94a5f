"""Every field of a spec against the messages of both client libraries: types, names, and who knows which."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from calf.kit.fieldpath import child
from calf.model.errors import InvalidArgument
from calf.model.spec import FieldError
from calf.wire.documents import from_document
from calf.wire.messages import pps
from driver.checkout import ROOT, StepFailedError

OLD, NEW = "python-pachyderm", "pachyderm-sdk"
"""The library that speaks the API of Pachyderm 2.7, and the one that speaks 2.12's."""

Known = Mapping[str, frozenset[int]]
"""The numbers of the fields that a library knows, by the message's full name."""


@dataclass(frozen=True, slots=True)
class Libraries:
    """What each of the two knows."""

    old: Known
    new: Known


@cache
def ask_libraries() -> Libraries:
    """Ask both, each in its own environment. Raises `StepFailedError` where there is none."""
    proto = str(ROOT / "proto")
    if proto not in sys.path:
        sys.path.append(proto)
    facts = importlib.import_module("facts")
    for library in (OLD, NEW):
        if not (facts.ENVIRONMENTS / library / "bin" / "python").exists():
            raise StepFailedError(f"the client library {library} is not there: `make specs-check` brings it")
    old = facts.probe(OLD)
    return Libraries(_known(old), _known(facts.restore_names(facts.probe(NEW), old)))


def _known(facts: Mapping[str, Any]) -> Known:
    return {
        f"{package}.{name}": frozenset(map(int, fields))
        for package, parts in facts.items()
        for name, fields in parts["messages"].items()
    }


def check_fields(spec: Mapping[str, Any], libraries: Libraries) -> Iterator[FieldError]:
    """What a cluster's server would refuse to read: strictly, as it does."""
    try:
        from_document(dict(spec), pps.CreatePipelineRequest())
    except InvalidArgument as error:
        yield FieldError(f"no request to create a pipeline: {error.message}", "", error.hint)
    for field, message, number in _used(spec, pps.CreatePipelineRequest.DESCRIPTOR, ""):
        if number not in libraries.new.get(message, ()):
            known_once = number in libraries.old.get(message, ())
            text = "Pachyderm 2.12 has it no more" if known_once else "only calf knows this field"
            yield FieldError(f"{field}: {text}", field, "leave it out: a cluster refuses the whole spec")


def newer_fields(spec: Mapping[str, Any], libraries: Libraries) -> list[str]:
    """The fields for which it takes a Pachyderm newer than 2.7."""
    return [
        field
        for field, message, number in _used(spec, pps.CreatePipelineRequest.DESCRIPTOR, "")
        if number in libraries.new.get(message, ()) and number not in libraries.old.get(message, ())
    ]


def _used(document: Mapping[str, Any], message: Any, path: str) -> Iterator[tuple[str, str, int]]:
    """The fields that a document names, also those that it sets to what they are anyway."""
    spellings = {name: field for field in message.fields for name in (field.name, field.json_name)}
    for key, value in document.items():
        field = spellings.get(key)
        if field is None:
            continue  # a strict reader says so
        where = child(path, key)
        yield where, message.full_name, field.number
        inside = field.message_type
        if inside is None or inside.GetOptions().map_entry or inside.file.package.startswith("google."):
            continue
        many = enumerate(value) if isinstance(value, list) else [(None, value)]
        for place, item in many:
            if isinstance(item, Mapping):
                yield from _used(item, inside, where if place is None else child(where, place))
