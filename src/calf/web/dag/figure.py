"""The graph as a figure: where the boxes of a page stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from calf.views.drawing.picture import Place, Spacing, lay_out
from calf.web.dag.nodes import PIPELINE, Node

_NUMBER = re.compile(r"([0-9]{1,9})")
_SPACING = Spacing(margin=16, gap=18, channel=42)
_DENSE = Spacing(margin=16, gap=9, channel=64, point=4)
_HIGH, _LOW = 72.0, 52.0
LARGE = 41
"""From so many boxes on they have a line less and stand nearer, so that more of them can be seen."""
_LETTER, _BESIDE = 7.6, 58.0
_NARROWEST, _DENSE_NARROWEST, _WIDEST = 196.0, 216.0, 300.0


def figure(nodes: Mapping[str, Node], edges: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Boxes with their places, edges by the numbers of the boxes, the extents; all boxes are equally wide.

    A longer name than the widest box has room for is cut by the browser.
    """
    longest = max((len(node["label"]) for node in nodes.values()), default=0)
    large = len(nodes) >= LARGE
    least = _DENSE_NARROWEST if large else _NARROWEST
    width = min(_WIDEST, max(least, round(longest * _LETTER + _BESIDE, -1)))
    high = _LOW if large else _HIGH
    sizes = tuple(
        (key, (width, high if nodes[key]["kind"] == PIPELINE else _LOW))
        for key in sorted(nodes, key=_natural)
    )
    picture = lay_out(sizes, tuple(sorted(set(edges))), _DENSE if large else _SPACING)
    numbers = {key: number for number, (key, _) in enumerate(sizes)}
    reads: dict[str, list[str]] = {key: [] for key in nodes}
    for upper, lower in picture.ways:
        reads[lower].append(nodes[upper]["label"])
    return {
        "width": round(picture.width),
        "height": round(picture.height),
        "large": large,
        "nodes": [nodes[key] | {"reads": reads[key]} | _box(picture.places[key]) for key, _ in sizes],
        "edges": [
            {"from": numbers[upper], "to": numbers[lower], "way": way}
            for (upper, lower), way in picture.ways.items()
        ],
    }


def _natural(key: str) -> list[str | int]:
    """Names with numbers in the order of the numbers."""
    return [int(part) if at % 2 else part for at, part in enumerate(_NUMBER.split(key))]


def _box(place: Place) -> Node:
    return {
        "x": round(place.left),
        "y": round(place.top),
        "width": round(place.width),
        "height": round(place.height),
    }
