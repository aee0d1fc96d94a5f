"""Specs from templates: jsonnet that yields a spec, or a list of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NoReturn

from calf.model.errors import InvalidArgument

_NAME = "template"


def render(template: str, arguments: Mapping[str, str]) -> tuple[str, list[dict[str, object]]]:
    """The JSON that a template yields, and the specs in it.

    `arguments` are handed, as texts, to the function that the template is. Raises `InvalidArgument` in
    Pachyderm's words. Imports are off: a template that anybody sends must not make this server read files or
    fetch pages.
    """
    import _jsonnet  # type: ignore[import-untyped]  # it comes without types

    try:
        text: str = _jsonnet.evaluate_snippet(
            _NAME, template, tla_vars=dict(arguments), import_callback=_refuse
        )
    except RuntimeError as error:
        raise InvalidArgument(f"template err: {str(error).strip()}") from None
    found = json.loads(text)
    documents = found if isinstance(found, list) else [found]
    if not all(isinstance(document, dict) for document in documents):
        raise InvalidArgument(
            "template err: it must yield an object or an array of objects", "each object is one pipeline"
        )
    return text, documents


def _refuse(_folder: str, name: str) -> NoReturn:
    raise RuntimeError(f'imports are off on this server; put the text of "{name}" into the template')
