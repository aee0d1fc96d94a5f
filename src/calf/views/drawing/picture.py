"""Where the boxes of a picture are, and the ways of its edges: layers from left to right, none over another.

Edges turn only between layers; where one passes a layer it is level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from calf.views.drawing.graph import Graph, Node
from calf.views.drawing.layers import Layers, arrange
from calf.views.drawing.places import place

Size = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far things are apart: `gap` in a layer, `channel` between layers; an edge is `point` high."""

    margin: float = 20.0
    gap: float = 22.0
    channel: float = 64.0
    point: float = 6.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box (or a point on an edge, of no width of its own) is: its middle, and its extents."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """Where edges arrive."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Where edges leave."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """The upper side."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """The lower side."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Picture:
    """Where each box is, and for each edge, by its keys, its way as data of an SVG path."""

    places: Mapping[str, Place]
    ways: Mapping[tuple[str, str], str]
    width: float
    height: float


def places(layers: Layers, sizes: Mapping[str, Size], spacing: Spacing) -> dict[str, Place]:
    """Where everything is; points on edges are as wide as their layer, so that edges cross it level."""
    heights = {key: sizes[key][1] if key in sizes else spacing.point for row in layers.rows for key in row}
    middles = place(layers, heights, spacing.gap)
    found, left = {}, spacing.margin
    for row in layers.rows:
        widest = max(sizes[key][0] for key in row if key in sizes)
        for key in row:
            width = sizes[key][0] if key in sizes else widest
            found[key] = Place(left + widest / 2, spacing.margin + middles[key], width, heights[key])
        left += widest + spacing.channel
    return found


@lru_cache(maxsize=32)
def lay_out(
    sizes: tuple[tuple[str, Size], ...], edges: tuple[tuple[str, str], ...], spacing: Spacing
) -> Picture:
    """The picture of a graph: of boxes with these keys and sizes, and edges by keys. It is kept."""
    layers = arrange(Graph([Node(key, "", key) for key, _ in sizes], edges))
    where = places(layers, dict(sizes), spacing)
    ends = [max(where[key].right for key in row) for row in layers.rows]
    return Picture(
        {key: where[key] for key, _ in sizes},
        {(upper, lower): _way(upper, lower, layers, where, ends) for upper, lower in edges},
        max(ends, default=spacing.margin) + spacing.margin,
        max((each.bottom for each in where.values()), default=spacing.margin) + spacing.margin,
    )


def _way(upper: str, lower: str, layers: Layers, where: Mapping[str, Place], ends: list[float]) -> str:
    """From the right of a box, over its points in the layers between, to the left of the other."""
    first = layers.depth[upper]
    stops = [f"{upper}\n{between}" for between in range(first + 1, layers.depth[lower])]
    at = where[upper]
    parts = [f"M{at.right:.0f} {at.y:.0f}"]
    for layer, key in enumerate([*stops, lower], first):
        to = where[key]
        if round(at.y) != round(to.y):
            parts.append(_curve(at.y, ends[layer], to.left, to.y))
        elif key == lower:
            parts.append(f"H{to.left:.0f}")
        at = to
    return "".join(parts)


def _curve(start: float, begin: float, end: float, stop: float) -> str:
    """Level up to `begin`, then from the height `start` to `stop` in a bend that is level at both ends."""
    middle = (begin + end) / 2
    return f"H{begin:.0f}C{middle:.0f} {start:.0f} {middle:.0f} {stop:.0f} {end:.0f} {stop:.0f}"
