"""Everything behind a file and after it, as a graph of commits whose boxes lead on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.views.drawing.picture import Spacing, lay_out
from calf.web.lineage.behind import BY_PEOPLE, behind, made_by, record
from calf.web.lineage.namesakes import names_in, namesake
from calf.web.lineage.spots import Spot
from calf.web.lineage.uses import readers_of

_MOST = 60
_MOST_AFTER = 16
_SIZE = (148.0, 54.0)
_SPACING = Spacing(margin=6, gap=12, channel=30)
Places = Mapping[Spot, str]


def chain(client: Client, spot: Spot, path: str, reads: Sequence[tuple[Spot, str]]) -> dict[str, Any]:
    """The graph around a file of a commit; `reads` are the places that its own run read.

    `left_out` says that there is more, before or after.
    """
    records = {found.spot: found for found in behind(client, spot)}
    before = list(records)[:_MOST] or [spot]  # which is not finished
    after, more = _after(client, spot)
    places = _paths(client, spot, path, reads, before)
    spots = [*before, *after]
    edges = [
        (_key(source), _key(each)) for each in spots for source in _sources(client, each) if source in spots
    ]
    picture = lay_out(
        tuple((_key(each), _SIZE) for each in sorted(spots)), tuple(sorted(set(edges))), _SPACING
    )
    return {
        "nodes": [_node(client, each, spot, places, picture.places[_key(each)]) for each in spots],
        "edges": [{"way": way} for way in picture.ways.values()],
        "width": round(picture.width),
        "height": round(picture.height),
        "left_out": more or len(records) > _MOST,
    }


def _key(spot: Spot) -> str:
    return f"{spot.project}/{spot.repo}@{spot.commit}"


def _sources(client: Client, spot: Spot) -> tuple[Spot, ...]:
    try:
        return record(client, spot).made_from
    except NotFound:
        return ()


def _after(client: Client, spot: Spot) -> tuple[list[Spot], bool]:
    """Outputs that were made from a commit, near ones first; and whether there are more."""
    found: list[Spot] = []
    waiting = [spot]
    while waiting:
        for each in readers_of(client, waiting.pop(0)):
            if each in found:
                continue
            if len(found) >= _MOST_AFTER:
                return found, True
            found.append(each)
            waiting.append(each)
    return found, False


def _paths(
    client: Client, spot: Spot, path: str, reads: Sequence[tuple[Spot, str]], before: Sequence[Spot]
) -> dict[Spot, str]:
    """For each commit behind a file the path in it that leads on: what the nearest reader of it read."""
    places = {spot: path}
    near = {source.repo: way for source, way in reversed(reads)}
    for source in _sources(client, spot):
        if source.repo in near:
            places[source] = near[source.repo]
    for each in before:
        made = made_by(client, each) if each != spot else None
        for read in made.reads if made else ():
            places.setdefault(read.spot, read.path if read.exact else f"{read.path.rstrip('/')}/")
    return places


def _place(client: Client, each: Spot, at: Spot, places: Places) -> tuple[str, bool]:
    """A path in a commit that leads on; True where all that is known is that it has the name of the file."""
    known = places.get(each, "/")
    if each != at and (known == "/" or not known.rpartition("/")[2]):
        for name in names_in(places[at]):
            if found := namesake(client, each, name):
                return found, True
    return known, False


def _node(client: Client, each: Spot, at: Spot, places: Places, place: Any) -> dict[str, Any]:
    try:
        found = record(client, each)
        kind = "put" if found.origin == BY_PEOPLE else "made"
        finished, size = found.finished, found.size
    except NotFound:
        kind, finished, size = "running", "", 0
    path, same_name = _place(client, each, at, places) if kind != "running" else ("/", False)
    return {
        **each.data,
        "kind": kind,
        "here": each == at,
        "path": path,
        "same_name": same_name,
        "finished": finished,
        "size": size,
        "x": round(place.left),
        "y": round(place.top),
        "width": round(place.width),
        "height": round(place.height),
    }
