"""The format of tensors in files, `.safetensors`: 8 bytes of length, a JSON header, then the numbers.

The header says of each name its type, its shape and where its numbers lie; all is little-endian.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

from calf.views.differences.pair import Unreadable

_LENGTH = 8
_LARGEST_HEADER = 100_000_000
_DIMENSIONS = 64
SIZES: Mapping[str, int] = {
    "F64": 8,
    "F32": 4,
    "F16": 2,
    "BF16": 2,
    "I64": 8,
    "I32": 4,
    "I16": 2,
    "I8": 1,
    "U64": 8,
    "U32": 4,
    "U16": 2,
    "U8": 1,
    "BOOL": 1,
}
"""Bytes of one number, by type."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor is: `start` and `end` are offsets in the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    def __str__(self) -> str:
        """As `F32[3, 16]`."""
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class Tensors:
    """A file's tensors in the order of their numbers, and what else its header says."""

    by_name: Mapping[str, Tensor]
    metadata: Mapping[str, str]


def read_header(path: Path) -> Tensors:
    """What a file holds. Raises `Unreadable` for what is no such file, or points outside of it."""
    with path.open("rb") as file:
        return read_header_of(file, path.stat().st_size, str(path))


def read_header_of(file: BinaryIO, size: int, name: str) -> Tensors:
    """What an open file of `size` bytes, which errors call `name`, holds. Raises `Unreadable` as above."""
    length = int.from_bytes(file.read(_LENGTH), "little")
    if size < _LENGTH or length > min(size - _LENGTH, _LARGEST_HEADER):
        raise Unreadable(f"{name} has no header of tensors")
    try:
        header = json.loads(file.read(length))
        metadata = header.pop("__metadata__", {})
        found = {key: _tensor(each, _LENGTH + length, size) for key, each in header.items()}
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        raise Unreadable(f"the header of {name} is broken") from None
    ordered = sorted(found.items(), key=lambda item: item[1].start)
    return Tensors(dict(ordered), metadata if isinstance(metadata, dict) else {})


def _tensor(each: Any, base: int, size: int) -> Tensor:
    (first, last), shape = map(_whole_numbers, (each["data_offsets"], each["shape"]))
    if len(shape) > _DIMENSIONS:
        raise ValueError("more dimensions than a tensor has")
    tensor = Tensor(str(each["dtype"]), shape, base + first, base + last)
    width = SIZES.get(tensor.dtype)
    if not base <= tensor.start <= tensor.end <= size:
        raise ValueError("outside of the file")
    if width is not None and prod(tensor.shape) * width != tensor.end - tensor.start:
        raise ValueError("shape and size do not agree")
    return tensor


def _whole_numbers(values: Any) -> tuple[int, ...]:
    """Numbers that a file of this world can have: whole, not negative, and of no more than 64 bits."""
    found = tuple(values)
    if not all(type(each) is int and 0 <= each < 1 << 64 for each in found):
        raise ValueError("no whole numbers")
    return found
