"""Specs from files, each value with its place; templates are rendered as a server does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calf.kit.strict_yaml import Document, load_all
from calf.model.errors import InvalidArgument, InvalidSpec
from calf.runner.strangers import Language, Refusal, engage
from driver.checkout import SPECS

_KINDS = (".yaml", ".yml", ".json", ".jsonnet")
_NO_SPECS = ("kustomization.yaml",)


@dataclass(frozen=True, slots=True)
class Source:
    """A spec as somebody wrote it."""

    file: Path
    document: Document

    @property
    def value(self) -> dict[str, Any]:
        """The spec."""
        return {key: value for key, value in self.document.value.items() if key != "$schema"}

    @property
    def name(self) -> str:
        """The pipeline's name, however wrong the rest is."""
        pipeline = self.document.value.get("pipeline")
        return str(pipeline.get("name", "?")) if isinstance(pipeline, dict) else "?"


def spec_files(folder: Path = SPECS) -> list[Path]:
    """All specs of a folder, those with numbers first, in the order of the data."""
    return sorted(path for path in folder.iterdir() if path.suffix in _KINDS and path.name not in _NO_SPECS)


def read_specs(file: Path, arguments: Mapping[str, str]) -> Iterator[Source]:
    """The specs of a file; `arguments` are those of a template. Raises `InvalidSpec`, `InvalidArgument`."""
    text = file.read_text()
    if file.suffix == ".jsonnet":
        text = _render(file, text, arguments)
    documents = [each for document in load_all(text, str(file)) for each in document.elements()]
    if not documents:
        raise InvalidSpec(f"{file}: there is no spec in it", 'a spec begins with "pipeline:"')
    for document in documents:
        if not isinstance(document.value, dict):
            raise InvalidSpec(f"{document.where()}: a spec is an object", 'it begins with "pipeline:"')
        yield Source(file, document)


def _render(file: Path, text: str, arguments: Mapping[str, str]) -> str:
    try:
        with engage(Language.JSONNET, text) as ask:
            return str(ask(dict(arguments)))
    except Refusal as error:
        hint = "arguments are given as --arg NAME=VALUE"
        raise InvalidArgument(f"{file}: template err: {str(error).strip()}", hint) from None
