"""The samples that came out worst: their scores, and where they can be looked at."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.web.lineage.namesakes import namesake
from calf.web.lineage.spots import Spot
from calf.web.reports.documents import readable, text_file
from calf.web.reports.runs import Run
from calf.wire.messages import pfs

TABLE = "/evaluation_result.csv"
"""A row a sample, the best first."""
_MOST = 3
_FEW = 12
_LONGEST = 200
_COLUMNS = ("id", "name", "path", "file")
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")


def worst_samples(client: Client, spot: Spot, run: Run) -> list[dict[str, Any]]:
    """The last rows of the table; `places` lead to a sample as it was read, and as people put it in."""
    return [
        {**row, "places": _places(client, spot, run, row["name"])}
        for row in last_rows(text_file(client, spot, TABLE) or "")
    ]


def last_rows(text: str) -> list[dict[str, Any]]:
    """The last rows of such a table, the worst first; none where the text is no table."""
    lines = text.splitlines()
    try:
        header, *cells = csv.reader([lines[0], *lines[1:][-_MOST:]])
    except (IndexError, csv.Error):
        return []
    if not header:
        return []
    first = next((name for name in _COLUMNS if name in header), header[0])
    rows = [dict(zip(header, each, strict=False)) for each in reversed(cells)]
    return [
        {
            "name": readable(row.get(first, ""))[:_LONGEST],
            "value": _number(row.get("mean_iou", "")),
            "about": ", ".join(readable(row[key])[:_LONGEST] for key in ("breed", "size") if row.get(key)),
        }
        for row in rows
    ]


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def _places(client: Client, spot: Spot, run: Run, name: str) -> list[dict[str, str]]:
    """A file that the job read, and one that people put in."""
    made = run.jobs.get(run.name(spot))
    read = [each.spot for each in made.reads if run.name(each.spot) in run.commits] if made else []
    roots = [found.spot for found in run.roots.values()]
    found = [_first(client, spots, name) for spots in (read, roots)]
    return [place for at, place in enumerate(found) if place and place not in found[:at]]


def _first(client: Client, spots: Sequence[Spot], name: str) -> dict[str, str] | None:
    """Where a sample lies in the first of some commits that has it."""
    for spot in spots:
        if path := namesake(client, spot, name):
            return {**spot.data, "path": _seen(client, spot, path) if path.endswith("/") else path}
    return None


@lru_cache(maxsize=256)
def _seen(client: Client, spot: Spot, folder: str) -> str:
    """The first picture of a folder, else the folder."""
    request = pfs.ListFileRequest(file=spot.file(folder), number=_FEW)
    paths = [info.file.path for info in islice(client.pfs.ListFile(request), _FEW)]
    return next((path for path in paths if path.lower().endswith(_PICTURES)), folder)
