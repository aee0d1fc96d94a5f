"""Tensors: which of them, usually a layer's weights, and how far the numbers are apart."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan
from operator import sub, truediv

from calf.views.differences.pair import Difference, Pair, clip
from calf.views.differences.safetensors import SIZES, Tensor, Tensors, read_header
from calf.views.words import many

_NUMBERS = 64 * 1024
_EXAMINED = 8 * 1024 * 1024
"""Numbers that are looked at one by one, a few seconds of work; beyond them only bytes are compared."""
_SHOWN = 3
_CODES = {
    "F64": "d",
    "F32": "f",
    "F16": "e",
    "I64": "q",
    "I32": "i",
    "I16": "h",
    "I8": "b",
    "U64": "Q",
    "U32": "I",
    "U16": "H",
    "U8": "B",
    "BOOL": "B",
}


@dataclass(slots=True)
class _Found:
    """How two tensors of one type and shape differ: `numbers` of the `examined` ones do, and with
    `complete` no others."""

    numbers: int = 0
    examined: int = 0
    absolute: float = 0.0
    relative: float = 0.0
    at: int = -1
    values: tuple[float, float] = (0.0, 0.0)
    complete: bool = True


def describe_tensors(pair: Pair) -> Difference:
    """The first tensors that differ, and how far. Raises `Unreadable` for what is no file of tensors."""
    recorded, again = read_header(pair.recorded), read_header(pair.again)
    other = list(_other_form(recorded, again))
    left = _EXAMINED
    changed: list[str] = []
    for name, tensor in recorded.by_name.items():
        new = again.by_name.get(name)
        if new is None or (new.dtype, new.shape) != (tensor.dtype, tensor.shape):
            continue
        found = _compare(pair, tensor, new, left)
        if found is not None:
            left -= found.examined
            changed.append(f"{clip(name)} {tensor}: {_words(found, tensor)}")
    lines = [*other[:_SHOWN], *changed[:_SHOWN]]
    total = len(other) + len(changed)
    if not total:
        return Difference("tensors", ("the same numbers; the header says something else beside them",))
    return Difference("tensors", (*lines, f"{total} of {many(len(recorded.by_name), 'tensor')} differ"))


def _other_form(recorded: Tensors, again: Tensors) -> Iterator[str]:
    """Tensors that came, went, or have another type or shape."""
    for name, tensor in recorded.by_name.items():
        new = again.by_name.get(name)
        if new is None:
            yield f"{clip(name)} {tensor}: missing in the new file"
        elif (new.dtype, new.shape) != (tensor.dtype, tensor.shape):
            yield f"{clip(name)}: {tensor} → {new}"
    for name in again.by_name.keys() - recorded.by_name.keys():
        yield f"{clip(name)} {again.by_name[name]}: only in the new file"


def _compare(pair: Pair, old: Tensor, new: Tensor, budget: int) -> _Found | None:
    """How the numbers differ, None when not at all; at most `budget` of them are taken apart."""
    width = SIZES.get(old.dtype, 1)
    found = _Found()
    different = False
    for start, a, b in _pieces(pair, old, new, _NUMBERS * width):
        if a == b:
            continue
        different = True
        if old.dtype not in SIZES or found.examined >= budget:
            found.complete = False
            continue
        found.examined += len(a) // width
        _examine(found, start // width, _numbers(old.dtype, a), _numbers(old.dtype, b))
    return found if different else None


def _pieces(pair: Pair, old: Tensor, new: Tensor, size: int) -> Iterator[tuple[int, bytes, bytes]]:
    with pair.recorded.open("rb") as one, pair.again.open("rb") as other:
        one.seek(old.start)
        other.seek(new.start)
        for start in range(0, old.end - old.start, size):
            length = min(size, old.end - old.start - start)
            yield start, one.read(length), other.read(length)


def _numbers(dtype: str, data: bytes) -> Sequence[float]:
    if dtype == "BF16":  # the upper half of a 32-bit number
        wide = bytearray(2 * len(data))
        wide[2::4], wide[3::4] = data[0::2], data[1::2]
        dtype, data = "F32", bytes(wide)
    return struct.unpack(f"<{len(data) // SIZES[dtype]}{_CODES[dtype]}", data)


def _examine(found: _Found, start: int, old: Sequence[float], new: Sequence[float]) -> None:
    """Take in two pieces of a tensor; in loops of C, since there may be millions of numbers."""
    distances = list(map(abs, map(sub, old, new)))
    scales = list(map(max, map(abs, old), map(abs, new)))
    if not isfinite(sum(scales)) or not isfinite(sum(distances)):
        distances = list(map(_distance, old, new))
        scales = [scale if isfinite(scale) else 1.0 for scale in scales]
    largest = max(distances)
    if largest > found.absolute:
        at = distances.index(largest)
        found.at, found.absolute, found.values = start + at, largest, (old[at], new[at])
    found.numbers += len(distances) - distances.count(0)
    if not min(scales):
        scales = [scale or 1.0 for scale in scales]
    relative = max(map(truediv, distances, scales))
    found.relative = max(found.relative, relative)


def _distance(old: float, new: float) -> float:
    """How far two numbers are apart that may be infinite, or none: such are equal, or as far as can be."""
    if old == new or (isnan(old) and isnan(new)):
        return 0.0
    return abs(old - new) if isfinite(old) and isfinite(new) else inf


def _words(found: _Found, tensor: Tensor) -> str:
    if not found.numbers:
        return "the bits of some numbers differ" if found.complete else "its bytes differ"
    least = "" if found.complete else "at least "
    total = (tensor.end - tensor.start) // SIZES[tensor.dtype]
    index = _unravel(found.at, tensor.shape)
    old, new = found.values
    return (
        f"{least}{found.numbers} of {many(total, 'number')}, {least}{found.absolute:.3g} apart at"
        f" {index} ({old:.9g} → {new:.9g}), relatively {found.relative:.3g}"
    )


def _unravel(at: int, shape: tuple[int, ...]) -> str:
    index: list[int] = []
    for length in reversed(shape):
        at, rest = divmod(at, length or 1)
        index.append(rest)
    return f"[{', '.join(map(str, reversed(index)))}]"
