"""Files of tensors: what they are called, their shapes and types; the numbers stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.views.differences.safetensors import read_header_of
from calf.web.files.previews.subject import Subject, visible

_MOST = 8 * 1024 * 1024
_SHOWN = 500
_DIMENSIONS, _MOST_NUMBERS = 16, 1 << 60


def show_tensors(subject: Subject) -> Mapping[str, Any]:
    """The header of a `.safetensors` file."""
    with subject.remote.open(_MOST) as file:
        found = read_header_of(file, subject.size, subject.path)
    if any(
        len(tensor.shape) > _DIMENSIONS or prod(tensor.shape) > _MOST_NUMBERS
        for tensor in found.by_name.values()
    ):
        raise Unreadable("its shapes are none of this world")
    tensors = [
        {
            "name": visible(name[:200]),
            "dtype": visible(tensor.dtype[:20]),
            "shape": [str(length) for length in tensor.shape],
            "numbers": prod(tensor.shape),
            "size": tensor.end - tensor.start,
        }
        for name, tensor in list(found.by_name.items())[:_SHOWN]
    ]
    return {
        "kind": "tensors",
        "tensors": tensors,
        "total": len(found.by_name),
        "parameters": sum(prod(tensor.shape) for tensor in found.by_name.values()),
        "metadata": {
            visible(str(k)[:200]): visible(str(v)[:1000]) for k, v in list(found.metadata.items())[:50]
        },
    }
