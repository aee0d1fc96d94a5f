"""Where in its layer each box stands: near its neighbours, in order, and never too near to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from calf.views.drawing.layers import Layers

_SWEEPS = 10


def place(layers: Layers, sizes: Mapping[str, float], gap: float) -> dict[str, float]:
    """The middle of everything in the layers, from 0 up; `sizes` are their extents along the layer.

    Neighbours in a layer have at least `gap` between them.
    """
    middles = {key: middle for row in layers.rows for key, middle in _pack(row, sizes, gap)}
    for sweep in range(_SWEEPS):
        neighbours = layers.below if sweep % 2 == 0 else layers.above
        for row in reversed(layers.rows) if sweep % 2 == 0 else layers.rows:
            wanted = [_wanted(key, neighbours, middles) for key in row]
            middles.update(zip(row, _separate(row, wanted, sizes, gap), strict=True))
    first = min((middles[key] - sizes[key] / 2 for key in middles), default=0.0)
    return {key: middle - first for key, middle in middles.items()}


def _pack(row: Sequence[str], sizes: Mapping[str, float], gap: float) -> list[tuple[str, float]]:
    packed, start = [], 0.0
    for key in row:
        packed.append((key, start + sizes[key] / 2))
        start += sizes[key] + gap
    return packed


def _wanted(key: str, neighbours: Mapping[str, list[str]], middles: Mapping[str, float]) -> float:
    found = neighbours.get(key)
    return fmean(middles[each] for each in found) if found else middles[key]


@dataclass(slots=True)
class _Block:
    total: float
    count: int

    @property
    def mean(self) -> float:
        return self.total / self.count


def _separate(
    row: Sequence[str], wanted: Sequence[float], sizes: Mapping[str, float], gap: float
) -> list[float]:
    """The places nearest to those wanted (least squares) that keep the order and the gaps."""
    offsets = [middle for _, middle in _pack(row, sizes, gap)]
    blocks: list[_Block] = []
    for want, offset in zip(wanted, offsets, strict=True):
        blocks.append(_Block(want - offset, 1))
        while len(blocks) > 1 and blocks[-2].mean > blocks[-1].mean:
            last = blocks.pop()
            blocks[-1].total += last.total
            blocks[-1].count += last.count
    starts = [block.mean for block in blocks for _ in range(block.count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]
