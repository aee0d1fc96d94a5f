"""Which box stands in which layer, and in what order: layers by the longest way there, few crossings.

An edge over several layers passes through a point in each layer between; the edges of one box share points.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from calf.views.drawing.graph import Graph
from calf.views.drawing.untangle import untangle


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


def is_point(key: str) -> bool:
    """Whether a key of the layers is a point on an edge."""
    return "\n" in key


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
    return Layers(untangle(rows, links.below, links.above), links.below, links.above, depth)


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
