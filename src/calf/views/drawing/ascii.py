"""A DAG as text: boxes from the sources down, joined by lines that cross as `|` and turn at `+`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calf.views.drawing.graph import PIPELINE, Graph, Node
from calf.views.drawing.layers import Layers, arrange
from calf.views.drawing.places import place
from calf.views.drawing.routes import Net, fix_points, route, widest

_GAP = 7
_PADDING = 4


@dataclass(frozen=True, slots=True)
class _Box:
    text: tuple[str, ...]
    round: bool

    def rows(self, width: int, height: int) -> list[str]:
        """The box, as many rows high as the layer's highest; round ones are repos."""
        top, bottom = (".", "'") if self.round else ("+", "+")
        bar = "-" * (width - 2)
        body = [f"|{line.center(width - 2)}|" for line in (*self.text, *[""] * (height - len(self.text)))]
        return [f"{top}{bar}{top}", *body, f"{bottom}{bar}{bottom}"]


def draw_ascii(graph: Graph, box_width: int = 0, edge_height: int = 5) -> str:
    """The picture, lines of text. `box_width` cuts longer names; 0 makes boxes as wide as their text.

    Edges are at least `edge_height` rows long.
    """
    if not graph.nodes:
        return ""
    layers = arrange(graph)
    boxes = {node.key: _box(node, box_width) for node in graph.nodes}
    sizes = {key: 1 for row in layers.rows for key in row}
    sizes |= {key: _width(box, layers, key, box_width) for key, box in boxes.items()}
    columns = _columns(layers, sizes)
    fix_points(layers, columns, boxes)
    return _paint(layers, boxes, sizes, columns, edge_height)


def _box(node: Node, box_width: int) -> _Box:
    lines = node.lines
    if box_width:
        room = max(1, box_width - 2)
        lines = [line if len(line) <= room else f"{line[: max(0, room - 2)]}.."[:room] for line in lines]
    return _Box(tuple(lines), node.kind != PIPELINE)


def _width(box: _Box, layers: Layers, key: str, box_width: int) -> int:
    width = max(box_width or max(map(len, box.text)) + _PADDING, widest(layers, key))
    return width + 1 - width % 2


def _columns(layers: Layers, sizes: Mapping[str, int]) -> dict[str, int]:
    """Columns, all of them even, as `routes` wants them."""
    middles = place(layers, {key: float(size) for key, size in sizes.items()}, _GAP)
    return {key: 2 * round(middle / 2) + 2 for key, middle in middles.items()}


def _paint(
    layers: Layers,
    boxes: Mapping[str, _Box],
    sizes: Mapping[str, int],
    columns: Mapping[str, int],
    edge_height: int,
) -> str:
    ways = [*route(layers, columns, sizes), []]
    lines: list[list[str]] = []
    width = max((columns[key] + sizes[key] for key in columns), default=0)
    for row, next_row, nets in zip(layers.rows, [*layers.rows[1:], []], ways, strict=True):
        height = max((len(boxes[key].text) for key in row if key in boxes), default=0)
        canvas = [[" "] * width for _ in range(height + 2)]
        for key in row:
            _paint_key(canvas, key, boxes, sizes, columns, height)
        canvas += _paint_nets(nets, width, edge_height)
        _point(canvas[-1], [columns[key] for key in next_row if key not in boxes])
        lines += canvas
    return "".join("".join(line).rstrip() + "\n" for line in lines)


def _paint_key(
    canvas: list[list[str]],
    key: str,
    boxes: Mapping[str, _Box],
    sizes: Mapping[str, int],
    columns: Mapping[str, int],
    height: int,
) -> None:
    box = boxes.get(key)
    rows = box.rows(sizes[key], height) if box else ["|"] * (height + 2)
    left = columns[key] - (sizes[key] - 1) // 2
    for line, text in zip(canvas, rows, strict=True):
        line[left : left + len(text)] = text


def _paint_nets(nets: Sequence[Net], width: int, edge_height: int) -> list[list[str]]:
    if not nets:
        return []
    tracks = max((net.track + 1 for net in nets if net.turns), default=0)
    height = max(edge_height, tracks + 2)
    first = (height - tracks) // 2
    canvas = [[" "] * width for _ in range(height)]
    for net in nets:  # the level lines first: where an upright one crosses, it stays whole
        if net.turns:
            left, right = net.span
            canvas[first + net.track][left : right + 1] = "-" * (right - left + 1)
    for net in nets:
        turn = first + net.track
        for line in canvas[:turn]:
            line[net.exit] = "|"
        for column in net.entries:
            for line in canvas[turn:]:
                line[column] = "|"
        if net.turns:
            for column in (net.exit, *net.entries):
                canvas[turn][column] = "+"
    canvas[-1] = ["v" if mark == "|" else mark for mark in canvas[-1]]
    return canvas


def _point(line: list[str], passing: Sequence[int]) -> None:
    """Lines that pass the next layer have no point yet."""
    for column in passing:
        line[column] = "|"
