"""Where in its layer each box stands: near its neighbours, in order, and never too near to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from calf.views.drawing.layers import Layers, is_point

_SWEEPS = 14
_BOTH = 4
"""So many of the last sweeps look to both sides, which evens out what those before pulled to one."""
_STRAIGHT = 8.0
"""How much more it counts that a long edge is straight than that a box is near a neighbour."""
_LOOSE = 0.1
"""How much it counts that a box without neighbours on a side stays where it is."""

_Pull = tuple[str, float]


def place(layers: Layers, sizes: Mapping[str, float], gap: float) -> dict[str, float]:
    """The middle of everything in the layers, from 0 up; `sizes` are their extents along the layer.

    Neighbours in a layer have at least `gap` between them.
    """
    middles = {key: middle for row in layers.rows for key, middle in _pack(row, sizes, gap)}
    above, below = _pulls(layers, layers.above), _pulls(layers, layers.below)
    both = {key: above[key] + below[key] for key in above}
    for sweep in range(_SWEEPS):
        pulls = both if sweep >= _SWEEPS - _BOTH else below if sweep % 2 == 0 else above
        for row in reversed(layers.rows) if sweep % 2 == 0 else layers.rows:
            wanted = [_wanted(key, pulls[key], middles) for key in row]
            middles.update(zip(row, _separate(row, wanted, sizes, gap), strict=True))
    _straighten(layers, middles, sizes, gap)
    first = min((middles[key] - sizes[key] / 2 for key in middles), default=0.0)
    return {key: middle - first for key, middle in middles.items()}


def _pack(row: Sequence[str], sizes: Mapping[str, float], gap: float) -> list[tuple[str, float]]:
    packed, start = [], 0.0
    for key in row:
        packed.append((key, start + sizes[key] / 2))
        start += sizes[key] + gap
    return packed


def _pulls(layers: Layers, links: Mapping[str, Sequence[str]]) -> dict[str, list[_Pull]]:
    """For everything in the layers its neighbours on one side, with how much each counts."""
    return {
        key: [
            (other, _STRAIGHT if is_point(key) and is_point(other) else 1.0) for other in links.get(key, ())
        ]
        for row in layers.rows
        for key in row
    }


def _wanted(key: str, pulls: Sequence[_Pull], middles: Mapping[str, float]) -> tuple[float, float]:
    """Where something should stand, and how much that counts."""
    if not pulls:
        return middles[key], _LOOSE
    weight = sum(each for _, each in pulls)
    return sum(middles[other] * each for other, each in pulls) / weight, weight


@dataclass(slots=True)
class _Block:
    total: float
    weight: float
    count: int

    @property
    def mean(self) -> float:
        return self.total / self.weight


def _separate(
    row: Sequence[str], wanted: Sequence[tuple[float, float]], sizes: Mapping[str, float], gap: float
) -> list[float]:
    """The places nearest to those wanted (weighted least squares) that keep the order and the gaps."""
    offsets = [middle for _, middle in _pack(row, sizes, gap)]
    blocks: list[_Block] = []
    for (want, weight), offset in zip(wanted, offsets, strict=True):
        blocks.append(_Block((want - offset) * weight, weight, 1))
        while len(blocks) > 1 and blocks[-2].mean > blocks[-1].mean:
            last = blocks.pop()
            blocks[-1].total += last.total
            blocks[-1].weight += last.weight
            blocks[-1].count += last.count
    starts = [block.mean for block in blocks for _ in range(block.count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _straighten(layers: Layers, middles: dict[str, float], sizes: Mapping[str, float], gap: float) -> None:
    """Give the points of each long edge one place, or as few as what stands beside them allows."""
    chains: dict[str, list[str]] = {}
    for row in layers.rows:
        for key in filter(is_point, row):
            chains.setdefault(key.partition("\n")[0], []).append(key)
    beside = _neighbours(layers)
    for start, chain in sorted(chains.items(), key=lambda each: (-len(each[1]), each[0])):
        run: list[str] = []
        least, most = -inf, inf
        at = middles[start]
        for key in chain:
            before, after = beside[key]
            low = middles[before] + (sizes[before] + sizes[key]) / 2 + gap if before else -inf
            high = middles[after] - (sizes[after] + sizes[key]) / 2 - gap if after else inf
            if max(least, low) > min(most, high):
                at = _settle(run, at, least, most, middles)
                run, least, most = [], -inf, inf
            run, least, most = [*run, key], max(least, low), min(most, high)
        _settle(run, at, least, most, middles)


def _settle(run: Sequence[str], at: float, least: float, most: float, middles: dict[str, float]) -> float:
    """Put points where the line comes from, or as near to it as can be."""
    spot = min(max(at, least), most)
    middles.update(dict.fromkeys(run, spot))
    return spot


def _neighbours(layers: Layers) -> dict[str, tuple[str, str]]:
    """What stands before and after everything in its layer; empty where nothing does."""
    return {
        key: (row[spot - 1] if spot else "", row[spot + 1] if spot + 1 < len(row) else "")
        for row in layers.rows
        for spot, key in enumerate(row)
    }
