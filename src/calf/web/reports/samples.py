"""The samples that came out worst: their scores, and where they can be looked at."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import CalfError
from calf.web.lineage.spots import Spot
from calf.web.reports.documents import ABSENT, text_file
from calf.web.reports.runs import Run
from calf.wire.messages import pfs

TABLE = "/evaluation_result.csv"
"""A row a sample, the best first."""
_MOST = 3
_FEW = 12
_COLUMNS = ("id", "name", "path", "file")
_PLAIN = re.compile(r"[\w][\w .-]{0,100}")
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")


def worst_samples(client: Client, spot: Spot, run: Run) -> list[dict[str, Any]]:
    """The last rows of the table; `places` lead to a sample as it was read, and as people put it in."""
    lines = (text_file(client, spot, TABLE) or "").splitlines()
    if len(lines) < 2:
        return []
    header, *cells = csv.reader([lines[0], *lines[1:][-_MOST:]])
    rows = [dict(zip(header, each, strict=False)) for each in reversed(cells)]
    first = next((name for name in _COLUMNS if name in header), header[0])
    names = tuple(row.get(first, "") for row in rows)
    places = _places(client, spot, run, tuple(name for name in names if _PLAIN.fullmatch(name)))
    return [
        {
            "name": name,
            "value": _number(row.get("mean_iou", "")),
            "about": ", ".join(row[key] for key in ("breed", "size") if row.get(key)),
            "places": places.get(name, []),
        }
        for name, row in zip(names, rows, strict=True)
    ]


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def _places(client: Client, spot: Spot, run: Run, names: tuple[str, ...]) -> dict[str, list[dict[str, str]]]:
    """Of each name a file that the job read, and one that people put in."""
    made = run.jobs.get(spot.repo)
    read = [each.spot for each in made.reads] if made else []
    roots = [found.spot for found in run.roots.values()]
    found: dict[str, list[dict[str, str]]] = {}
    for among in (read, roots):
        for name, place in _first(client, [each for each in among if each.repo in run.commits], names):
            if place not in found.setdefault(name, []):
                found[name].append(place)
    return found


def _first(
    client: Client, spots: Iterable[Spot], names: tuple[str, ...]
) -> Iterable[tuple[str, dict[str, str]]]:
    """For each name where it lies in the first of some commits that has it."""
    left = set(names)
    for spot in spots:
        if not left:
            return
        for path in _named(client, spot, names):
            name = path.strip("/").rpartition("/")[2]
            match = next((each for each in left if name == each or name.startswith(f"{each}.")), None)
            if match is not None:
                left.discard(match)
                yield (
                    match,
                    {**spot.data, "path": path if not path.endswith("/") else _seen(client, spot, path)},
                )


@lru_cache(maxsize=256)
def _named(client: Client, spot: Spot, names: tuple[str, ...]) -> tuple[str, ...]:
    """Files and folders with these names, with or without an ending, not deep in a finished commit."""
    pattern = "/{,*/}{" + ",".join(names) + "}{,.*}"
    request = pfs.GlobFileRequest(commit=spot.message, pattern=pattern)
    try:
        return tuple(info.file.path for info in islice(client.pfs.GlobFile(request), _FEW)) if names else ()
    except CalfError as error:
        if error.category in ABSENT:
            return ()
        raise


@lru_cache(maxsize=256)
def _seen(client: Client, spot: Spot, folder: str) -> str:
    """The first picture of a folder, else the folder."""
    request = pfs.ListFileRequest(file=spot.file(folder), number=_FEW)
    paths = [info.file.path for info in islice(client.pfs.ListFile(request), _FEW)]
    return next((path for path in paths if path.lower().endswith(_PICTURES)), folder)
