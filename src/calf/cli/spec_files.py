"""Pipeline specs from files: read strictly, checked here, with file and line in every complaint."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from calf.model.errors import InvalidSpec

_PREFIX = "malformed pipeline spec"


@dataclass(frozen=True, slots=True)
class SpecDocument:
    """One spec as the user wrote it, ready to send; `where` gives `file:line:column` of a field."""

    name: str
    where: Callable[[str], str]
    value: dict[str, Any]

    @property
    def json(self) -> str:
        """The document as JSON."""
        return json.dumps(self.value, ensure_ascii=False)


def spec_file_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `-f`, handed over as `source`."""
    text = "The specs, YAML or JSON; default: standard input."
    return click.option("-f", "--file", "source", default="-", metavar="FILE", help=text)(function)


def read_specs(source: str, project: str) -> list[SpecDocument]:
    """The specs of a file (`-` is standard input): YAML or JSON, several documents, or a list of specs.

    A pipeline that names no project gets `project`. Raises InvalidSpec for the first thing wrong in any of
    them, so that nothing is sent when something is.
    """
    from calf.kit.strict_yaml import load_all

    text, name = (sys.stdin.read(), "<stdin>") if source == "-" else (_read(Path(source)), source)
    try:
        documents = load_all(text, name)
    except InvalidSpec as error:
        raise InvalidSpec(f"{_PREFIX}: {error.message}", error.hint) from error
    specs = [
        spec for document in documents for element in document.elements() for spec in _check(element, project)
    ]
    if not specs:
        raise InvalidSpec(f"{_PREFIX}: {name} holds no spec", 'a spec begins with "pipeline:"')
    return specs


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError as error:
        raise InvalidSpec(f"{_PREFIX}: {path} is not text", "specs are YAML or JSON in UTF-8") from error


def _check(document: Any, project: str) -> Iterator[SpecDocument]:
    from calf.model.spec import FieldError, parse_request, validate

    value = document.value
    if isinstance(value, dict):
        value.pop("$schema", None)
    try:
        spec = parse_request(value, project).spec
        validate(spec)
    except FieldError as error:
        raise InvalidSpec(f"{_PREFIX}: {document.where(error.field)}: {error.message}", error.hint) from error
    filled = {**value, "pipeline": {**value["pipeline"], "project": {"name": spec.pipeline.project}}}
    yield SpecDocument(str(spec.pipeline), document.where, filled)
