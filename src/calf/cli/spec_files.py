"""Pipeline specs as users give them: read strictly, checked here, with file and line in every complaint."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from calf.cli.spec_text import MALFORMED, SpecSource
from calf.model.errors import InvalidSpec

if TYPE_CHECKING:
    from calf.cli.session import Session
    from calf.kit.strict_yaml import Document
    from calf.model.spec import PipelineSpec

_OLD = "a field of Pachyderm 1.x"
_CONVERTER = "`pachctl convert pipeline -f FILE` converts specs of 1.x"
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class SpecDocument:
    """One spec as the user wrote it, ready to send; `where` gives `file:line:column` of a field."""

    spec: PipelineSpec
    where: Callable[[str], str]
    value: dict[str, Any]

    @property
    def name(self) -> str:
        """The pipeline's name, with its project."""
        return str(self.spec.pipeline)

    @property
    def json(self) -> str:
        """The document as JSON."""
        return json.dumps(self.value, ensure_ascii=False)


def read_specs(session: Session, source: SpecSource, project: str) -> list[SpecDocument]:
    """The specs of a source: YAML or JSON, several documents, or a list of specs.

    A pipeline that names no project gets `project`. Raises InvalidSpec for the first thing wrong in any of
    them, so that nothing is sent when something is.
    """
    name, text = source.read(session)
    return parse_specs(text, name, project)


def parse_specs(text: str, name: str, project: str) -> list[SpecDocument]:
    """As `read_specs`, from text; `name` stands for it in complaints."""
    from calf.kit.strict_yaml import load_all

    try:
        documents = load_all(_separated(text), name)
    except InvalidSpec as error:
        raise InvalidSpec(f"{MALFORMED}: {error.message}", error.hint) from error
    specs = [
        spec for document in documents for element in document.elements() for spec in check(element, project)
    ]
    if not specs:
        raise InvalidSpec(f"{MALFORMED}: {name} holds no spec", 'a spec begins with "pipeline:"')
    return specs


def _separated(text: str) -> str:
    """JSON objects that only follow one another, as from `list pipeline --spec`, as documents of YAML."""
    decoder, starts, place = json.JSONDecoder(), [0], _skip_space(text, 0)
    while text.startswith("{", place):
        try:
            _, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return text
        place = _skip_space(text, end)
        starts.append(place)
    if place < len(text) or len(starts) < 3:
        return text
    pieces = [text[start:end] for start, end in pairwise(starts)]
    return "--- ".join(piece if piece.endswith("\n") else f"{piece}\n" for piece in pieces)


def _skip_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def check(document: Document, project: str) -> Iterator[SpecDocument]:
    """The spec that a document holds. Raises InvalidSpec with the place in the document's file."""
    from calf.model.spec import FieldError, parse_request, validate

    value = document.value
    if isinstance(value, dict):
        value.pop("$schema", None)
    try:
        spec = parse_request(value, project).spec
        if not spec.pipeline.name:
            raise FieldError(
                "no pipeline name specified", "pipeline.name", 'say {"pipeline": {"name": "..."}}'
            )
        validate(spec)
    except FieldError as error:
        hint = error.hint if _OLD not in error.message else f"{error.hint}; {_CONVERTER}"
        raise InvalidSpec(f"{MALFORMED}: {document.where(error.field)}: {error.message}", hint) from error
    filled = {**value, "pipeline": {**value["pipeline"], "project": {"name": spec.pipeline.project}}}
    yield SpecDocument(spec, document.where, filled)
