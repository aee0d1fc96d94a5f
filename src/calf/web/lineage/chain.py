"""Everything behind a file and after it, as a graph of commits whose boxes lead on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.views.drawing.picture import Spacing, lay_out
from calf.web.lineage.behind import behind, is_finished, made_by, record
from calf.web.lineage.namesakes import is_called, names_in, namesake
from calf.web.lineage.spots import Spot
from calf.web.lineage.uses import readers_of
from calf.web.reports.decisions import verdict

_MOST = 60
_MOST_AFTER = 16
_SIZE = (148.0, 54.0)
_SPACING = Spacing(margin=6, gap=12, channel=30)
Places = Mapping[Spot, str]


def chain(
    client: Client, spot: Spot, path: str, reads: Sequence[tuple[Spot, str]], about: str = ""
) -> dict[str, Any]:
    """The graph around a file of a commit; `reads` are the places that its own run read.

    `about` is the name of a sample that somebody follows, and in the answer the one that its links carry on:
    so a photo is found again behind a release, whose own files do not name it. `left_out` says that there is
    more, before or after.
    """
    records = {found.spot: found for found in behind(client, spot)}
    before = list(records)[:_MOST] or [spot]  # which is not finished
    after, more = _after(client, spot)
    read = _files_read(client, spot, reads, before)
    places = _paths(client, spot, path, reads, before) | dict.fromkeys(read, "/")
    spots = [*before, *after]
    edges = [
        (_key(source), _key(each)) for each in spots for source in _sources(client, each) if source in spots
    ]
    names = [*names_in(path), *([about] if about else [])]
    picture = lay_out(
        tuple((_key(each), _SIZE) for each in sorted(spots)), tuple(sorted(set(edges))), _SPACING
    )
    nodes = [
        {
            **_node(client, each, _place(client, each, spot, places, names)),
            **_box(picture.places[_key(each)]),
            "here": each == spot,
            "read": read.get(each, []),
        }
        for each in spots
    ]
    return {
        "nodes": nodes,
        "about": about or _followed(names, nodes),
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
    near = {(source.project, source.repo): way for source, way in reversed(reads)}
    for source in _sources(client, spot):
        if way := near.get((source.project, source.repo)):
            places[source] = way
    for each in before:
        made = made_by(client, each) if each != spot else None
        for read in made.reads if made else ():
            places.setdefault(read.spot, read.path if read.exact else f"{read.path.rstrip('/')}/")
    return places


def _files_read(
    client: Client, spot: Spot, reads: Sequence[tuple[Spot, str]], before: Sequence[Spot]
) -> dict[Spot, list[str]]:
    """For each commit of which several runs behind a file read each another file, what these are.

    So is a commit of parameters: no one of its files leads on alone.
    """
    found: dict[Spot, dict[str, None]] = {}
    runs: list[Sequence[tuple[Spot, str]]] = [reads]
    for each in before:
        made = made_by(client, each) if each != spot else None
        runs.append([(read.spot, read.path) for read in made.reads if read.exact] if made else [])
    for run in runs:
        for source, path in dict(reversed(run)).items():  # of one run the first
            found.setdefault(source, {})[path] = None
    return {source: list(paths) for source, paths in found.items() if len(paths) > 1 and source in before}


def _place(client: Client, each: Spot, at: Spot, places: Places, names: Sequence[str]) -> tuple[str, bool]:
    """A path in a commit that leads on; True where all that is known is that it has one of some names."""
    known = places.get(each, "/")
    if each != at and not known.rpartition("/")[2] and is_finished(client, each):
        for name in names:
            if found := namesake(client, each, name):
                return found, True
    return known, False


def _node(client: Client, each: Spot, place: tuple[str, bool]) -> dict[str, Any]:
    """A commit; `verdict` says what was decided, where it is a release."""
    told: dict[str, Any] = {**each.data, "path": place[0], "same_name": place[1]}
    try:
        found = record(client, each)
    except NotFound:
        return {**told, "kind": "running", "path": "/", "finished": "", "size": 0, "verdict": None}
    kind = "put" if found.by_people else "made"
    decided = verdict(client, each) if kind == "made" else None
    return {**told, "kind": kind, "finished": found.finished, "size": found.size, "verdict": decided}


def _followed(names: Sequence[str], nodes: Sequence[Mapping[str, Any]]) -> str:
    """The first of some names that a commit elsewhere has, too; else empty."""
    paths = [node["path"] for node in nodes if not node["here"]]
    return next((name for name in names if any(is_called(path, name) for path in paths)), "")


def _box(place: Any) -> dict[str, int]:
    return {
        "x": round(place.left),
        "y": round(place.top),
        "width": round(place.width),
        "height": round(place.height),
    }
