"""The order within the layers in which few edges cross: each box near its neighbours, then pairs swapped."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

Rows = list[list[str]]
Links = Mapping[str, Sequence[str]]

_SWEEPS = 24
_PATIENCE = 4
"""So many sweeps without a better order are the end."""


def untangle(rows: Rows, below: Links, above: Links) -> Rows:
    """The layers with the best order that was found; `below` and `above` are who follows whom.

    Sweeps down and up order a layer by where its neighbours stand (barycentres); between them neighbours of
    a layer change places wherever that saves a crossing.
    """
    now = [list(row) for row in rows]
    places = {key: place for row in now for place, key in enumerate(row)}
    best, fewest, tired = rows, crossings(rows, below), 0
    for sweep in range(_SWEEPS):
        if not fewest or tired == _PATIENCE:
            break
        links, order = (above, now) if sweep % 2 == 0 else (below, now[::-1])
        for row in order:
            _order(row, links, places)
        for row in now:
            _transpose(row, (below, above), places)
        count = crossings(now, below)
        tired += 1
        if count < fewest:
            best, fewest, tired = [list(row) for row in now], count, 0
    return best


def crossings(rows: Rows, below: Links) -> int:
    """How often edges cross between neighbouring layers."""
    places = {key: place for row in rows for place, key in enumerate(row)}
    count = 0
    for row in rows:
        ends: list[int] = []
        for key in row:
            targets = [places[lower] for lower in below.get(key, ())]
            count += sum(len(ends) - bisect_right(ends, target) for target in targets)
            for target in targets:
                insort(ends, target)
    return count


def _order(row: list[str], links: Links, places: dict[str, int]) -> None:
    wanted = {
        key: fmean([places[each] for each in found]) if (found := links.get(key)) else float(places[key])
        for key in row
    }
    row.sort(key=lambda key: (wanted[key], places[key]))
    places.update((key, place) for place, key in enumerate(row))


def _transpose(row: list[str], sides: Iterable[Links], places: dict[str, int]) -> None:
    """Swap neighbours in one layer, once over it, where their edges then cross less often."""
    ends = {key: [sorted(places[each] for each in links.get(key, ())) for links in sides] for key in row}
    for at in range(len(row) - 1):
        left, right = row[at], row[at + 1]
        saved = sum(
            _inverted(one, other) - _inverted(other, one)
            for one, other in zip(ends[left], ends[right], strict=True)
        )
        if saved > 0:
            row[at], row[at + 1] = right, left
            places[left], places[right] = at + 1, at


def _inverted(left: Sequence[int], right: Sequence[int]) -> int:
    """How many pairs of ends cross when what has the ends `left` stands before what has `right`."""
    return sum(bisect_right(right, end - 1) for end in left)
