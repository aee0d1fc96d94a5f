"""A DAG as a picture: layers from left to right, no box over another, and edges that pass between boxes."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from calf.views.drawing import picture
from calf.views.drawing.colours import colours
from calf.views.drawing.graph import PIPELINE, Graph, Node
from calf.views.drawing.layers import Layers, arrange
from calf.views.drawing.picture import Place, Spacing

_SPACING = Spacing()
_HEIGHT = 44.0
_LETTER, _SMALL_LETTER = 8.2, 6.6
_NARROWEST = 96.0
_LINE = "#5a6579"
_HEAD = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" '
    f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{_LINE}"/></marker></defs>'
)


def places(graph: Graph, layers: Layers) -> dict[str, Place]:
    """Where everything is."""
    return picture.places(layers, {node.key: (_width(node), _HEIGHT) for node in graph.nodes}, _SPACING)


def _width(node: Node) -> float:
    return max(_NARROWEST, 24 + max(len(node.name) * _LETTER, len(node.note) * _SMALL_LETTER))


def draw_svg(graph: Graph) -> str:
    """The picture as an SVG document."""
    layers = arrange(graph)
    where = places(graph, layers)
    width = max((each.right for each in where.values()), default=0.0) + _SPACING.margin
    height = max((each.y + each.height / 2 for each in where.values()), default=0.0) + _SPACING.margin
    boxes = {node.key for node in graph.nodes}
    parts = [_edge(key, layers, where, boxes) for key in where if layers.below.get(key)]
    parts += [_box(node, where[node.key]) for node in graph.nodes]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="sans-serif">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{_HEAD}{"".join(parts)}</svg>\n'
    )


def _edge(key: str, layers: Layers, where: Mapping[str, Place], boxes: set[str]) -> str:
    """The curves from a box, or from a point on an edge, to the next layer."""
    start = where[key]
    begin = (
        f"M{start.right if key in boxes else start.left:.1f} {start.y:.1f}H{_channel(key, layers, where):.1f}"
    )
    paths = []
    for lower in layers.below[key]:
        end = where[lower]
        at, tip = _channel(key, layers, where), end.left
        bend = (tip - at) / 2
        curve = f"C{at + bend:.1f} {start.y:.1f} {tip - bend:.1f} {end.y:.1f} {tip:.1f} {end.y:.1f}"
        marker = ' marker-end="url(#tip)"' if lower in boxes else ""
        paths.append(f'<path d="{begin}{curve}" fill="none" stroke="{_LINE}" stroke-width="1.3"{marker}/>')
    return "".join(paths)


def _channel(key: str, layers: Layers, where: Mapping[str, Place]) -> float:
    """Where the layer of a box ends: edges turn only beyond it."""
    return max(where[each].right for each in layers.rows[layers.depth[key]])


def _box(node: Node, at: Place) -> str:
    edge, inside = colours(node)
    radius = 4 if node.kind == PIPELINE else at.height / 2
    frame = (
        f'<rect x="{at.left:.1f}" y="{at.y - at.height / 2:.1f}" '
        f'width="{at.width:.1f}" height="{at.height:.1f}" '
        f'rx="{radius:.0f}" fill="{inside}" stroke="{edge}" stroke-width="1.4"/>'
    )
    first = at.y + 5 if not node.note else at.y - 3
    text = _text(node.name, at.x, first, 13, "600", "#1d2635")
    return f"<g>{frame}{text}{_text(node.note, at.x, at.y + 13, 11, '400', edge) if node.note else ''}</g>"


def _text(words: str, x: float, y: float, size: int, weight: str, colour: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size}" font-weight="{weight}"'
    return f'<text {place} fill="{colour}">{escape(words)}</text>'
