"""Files of tensors: what they are called, their shapes and types; the numbers stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from calf.views.differences.safetensors import read_header_of
from calf.web.files.previews.subject import Subject, cut

_MOST = 8 * 1024 * 1024
_SHOWN = 500


def show_tensors(subject: Subject) -> Mapping[str, Any]:
    """The header of a `.safetensors` file."""
    with subject.remote.open(_MOST) as file:
        found = read_header_of(file, subject.size, subject.path)
    tensors = [
        {
            "name": cut(name, 200),
            "dtype": cut(tensor.dtype, 20),
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
        "metadata": {cut(str(k), 200): cut(str(v), 1000) for k, v in list(found.metadata.items())[:50]},
    }
