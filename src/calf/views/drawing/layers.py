"""Which box stands in which layer, and in what order: layers by the longest way there, few crossings.

An edge over several layers passes through a point in each layer between; the edges of one box share points.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import fmean

from calf.views.drawing.graph import Graph

_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers, each an ordered list of keys; and who follows whom from one layer to the next.

    A key that is no node is a point on an edge.
    """

    rows: list[list[str]]
    below: dict[str, list[str]]
    above: dict[str, list[str]]
    depth: dict[str, int]


@dataclass(slots=True)
class _Links:
    below: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    above: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, upper: str, lower: str) -> None:
        if lower not in self.below[upper]:
            self.below[upper].append(lower)
            self.above[lower].append(upper)


def arrange(graph: Graph) -> Layers:
    """The layers of a graph."""
    depth = _depths(graph)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in graph.nodes:
        rows[depth[node.key]].append(node.key)
    links = _Links()
    for upper, lower in graph.edges:
        at = upper
        for between in range(depth[upper] + 1, depth[lower]):
            point = f"{upper}\n{between}"
            if point not in depth:
                depth[point] = between
                rows[between].append(point)
            links.add(at, point)
            at = point
        links.add(at, lower)
    return _uncross(Layers(rows, links.below, links.above, depth))


def _depths(graph: Graph) -> dict[str, int]:
    """The longest way to each box; a box that nothing leads to stands right above the first that needs it."""
    above: dict[str, list[str]] = {node.key: [] for node in graph.nodes}
    below: dict[str, list[str]] = {node.key: [] for node in graph.nodes}
    for upper, lower in graph.edges:
        above[lower].append(upper)
        below[upper].append(lower)
    depth: dict[str, int] = {}
    for node in graph.nodes:
        _descend(node.key, above, depth)
    for key, readers in below.items():
        if readers and not above[key]:
            depth[key] = min(depth[each] for each in readers) - 1
    return depth


def _descend(key: str, above: dict[str, list[str]], depth: dict[str, int]) -> None:
    waiting = [key]
    while waiting:
        at = waiting[-1]
        missing = [each for each in above[at] if each not in depth]
        waiting += missing
        if not missing:
            depth[at] = max((depth[each] + 1 for each in above[at]), default=0)
            waiting.pop()


def _uncross(layers: Layers) -> Layers:
    """Sweeps down and up, each time ordering a layer by where its neighbours stand; the best order wins."""
    best, fewest = [list(row) for row in layers.rows], crossings(layers)
    for sweep in range(_SWEEPS):
        neighbours = layers.above if sweep % 2 == 0 else layers.below
        for row in layers.rows if sweep % 2 == 0 else reversed(layers.rows):
            _order(row, layers, neighbours)
        if (count := crossings(layers)) < fewest:
            best, fewest = [list(row) for row in layers.rows], count
    return Layers(best, layers.below, layers.above, layers.depth)


def _order(row: list[str], layers: Layers, neighbours: dict[str, list[str]]) -> None:
    places = {key: place for each in layers.rows for place, key in enumerate(each)}
    wanted = {
        key: fmean(places[each] for each in found) if (found := neighbours.get(key)) else float(places[key])
        for key in row
    }
    row.sort(key=lambda key: (wanted[key], places[key]))


def crossings(layers: Layers) -> int:
    """How often edges cross between neighbouring layers."""
    places = {key: place for row in layers.rows for place, key in enumerate(row)}
    count = 0
    for row in layers.rows:
        ends = [(places[key], places[lower]) for key in row for lower in layers.below.get(key, ())]
        count += sum(
            1
            for index, (start, end) in enumerate(ends)
            for other_start, other_end in ends[:index]
            if (start - other_start) * (end - other_end) < 0
        )
    return count
