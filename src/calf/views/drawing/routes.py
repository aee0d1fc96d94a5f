"""The ways of edges in a grid of characters, such that lines of different boxes never run into each other.

Every box has one exit, below its middle, and an entry of its own for each edge that arrives; below a layer
each exit that turns has a row, its track, of its own wherever it would meet another. So lines only cross. All
columns are even: upright lines never stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from calf.views.drawing.layers import Layers


@dataclass(frozen=True, slots=True)
class Net:
    """The lines that leave one box (or a point on an edge) for the next layer."""

    exit: int
    entries: tuple[int, ...]
    track: int

    @property
    def span(self) -> tuple[int, int]:
        """The columns between which its track lies."""
        ends = (self.exit, *self.entries)
        return min(ends), max(ends)

    @property
    def turns(self) -> bool:
        """Whether it has a track at all."""
        return self.entries != (self.exit,)


def fix_points(layers: Layers, columns: dict[str, int], boxes: Iterable[str]) -> None:
    """Move points on edges off the exits of other boxes in the layer above."""
    fixed = set(boxes)
    for above, row in zip(layers.rows, layers.rows[1:], strict=False):
        for key in row:
            if key in fixed:
                continue
            (own,) = layers.above[key]
            taken = {columns[each] for each in above if each != own and layers.below.get(each)}
            here = columns[key]
            columns[key] = next(at for at in (here, here + 2, here - 2) if at not in taken)


def route(layers: Layers, columns: Mapping[str, int], sizes: Mapping[str, int]) -> list[list[Net]]:
    """For each layer the lines that leave it; `sizes` are the widths of the boxes, 1 for points."""
    ways = []
    for row, next_row in zip(layers.rows, layers.rows[1:], strict=False):
        exits = {columns[key]: key for key in row if layers.below.get(key)}
        entries: dict[str, list[int]] = {key: [] for key in row}
        for lower in next_row:
            for upper, column in _entries(lower, layers, columns, sizes, exits):
                entries[upper].append(column)
        ways.append(_tracks([(columns[key], sorted(entries[key])) for key in row if entries[key]]))
    return ways


def _entries(
    lower: str,
    layers: Layers,
    columns: Mapping[str, int],
    sizes: Mapping[str, int],
    exits: Mapping[int, str],
) -> list[tuple[str, int]]:
    """A column of the box's upper side for each edge that arrives, in the order in which they come."""
    middle, reach = columns[lower], (sizes[lower] - 1) // 2
    uppers = sorted(layers.above.get(lower, ()), key=lambda key: columns[key])
    inside = range(middle - max(reach - 1, 0), middle + max(reach - 1, 0) + 1)
    straight = {key for key in uppers if columns[key] in inside}
    free = sorted((at for at in inside if at % 2 == 0 and at not in exits), key=lambda at: abs(at - middle))
    turning = sorted(free[: len(uppers) - len(straight)])
    rest = iter(turning)
    return [(key, columns[key] if key in straight else next(rest)) for key in uppers]


def _tracks(ends: list[tuple[int, list[int]]]) -> list[Net]:
    """Rows for the lines that turn: as few as may be, no two lines on one at the same column."""
    reached: list[int] = []
    nets = []
    for exit_, entries in sorted(ends, key=lambda each: min(each[0], *each[1])):
        net = Net(exit_, tuple(entries), 0)
        if not net.turns:
            nets.append(net)
            continue
        left, right = net.span
        track = next((row for row, end in enumerate(reached) if end < left - 1), len(reached))
        reached[track : track + 1] = [right]
        nets.append(Net(exit_, net.entries, track))
    return nets


def widest(layers: Layers, key: str) -> int:
    """How wide a box must be at least for an entry for each edge, beside exits that pass."""
    return 4 * len(layers.above.get(key, ())) + 3
