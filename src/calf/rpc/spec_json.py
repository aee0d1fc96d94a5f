"""The text of a pipeline's spec, as clients send it."""

from __future__ import annotations

from collections.abc import Mapping

from calf.kit.strict_yaml import load_all
from calf.model.errors import InvalidSpec


def read_spec(text: str) -> Mapping[str, object]:
    """The one document of a spec's JSON. Raises `InvalidSpec` in Pachyderm's words."""
    documents = load_all(text, "malformed pipeline spec")
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise InvalidSpec("malformed pipeline spec: it must be one JSON object")
    return documents[0].value
