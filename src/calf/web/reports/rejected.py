"""What a stage left out, where its output says so: a convention of one folder, and no name of a stage.

An output with the folder `/rejected/` has turned away one thing for each file in it; `NAME.json` there may
say why: `{"reason": "a word", "message": "a sentence"}`. A job that turned something away is a success all
the same, so nobody would see it in its state.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from calf.model.errors import NotFound
from calf.web.lineage.spots import Spot, spot_of
from calf.web.reports.documents import readable, text_file
from calf.web.reports.finding import holds
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.client.connection import Client

FOLDER = "/rejected/"
_MOST = 1000
"""So many are counted."""
_TOLD = 12
_LONGEST = 300


def rejected_by(client: Client, info: Message) -> Mapping[str, Any] | None:
    """What a job that succeeded turned away; None for nothing."""
    return rejected(client, spot_of(info.output_commit)) if info.state == pps.JOB_SUCCESS else None


@lru_cache(maxsize=1024)
def rejected(client: Client, spot: Spot) -> Mapping[str, Any] | None:
    """How many things a finished output says were turned away, and in which folder it does; None for none."""
    number = len(_paths(client, spot, _MOST + 1)) if holds(client, spot, FOLDER) else 0
    if not number:
        return None
    return {**spot.data, "path": FOLDER, "number": min(number, _MOST), "more": number > _MOST}


def reasons(client: Client, spot: Spot) -> list[dict[str, str]]:
    """The first things that were turned away, each with why."""
    return [{"path": path, **_reason(client, spot, path)} for path in _paths(client, spot, _TOLD)]


def paths_by_name(client: Client, info: Message) -> dict[str, str]:
    """The files that say what a job turned away, by what each is about: `cat_1` of `/rejected/cat_1.json`."""
    found = rejected_by(client, info)
    paths = _paths(client, spot_of(info.output_commit), _MOST + 1) if found else ()
    return {PurePosixPath(path).stem: path for path in paths}


def rejected_of(names: Mapping[str, str], inputs: Iterable[Mapping[str, Any]]) -> str:
    """The one of these files that is about a datum, as its name is that of a file which the datum read."""
    return next((names[stem] for each in inputs if (stem := PurePosixPath(each["path"]).stem) in names), "")


@lru_cache(maxsize=64)
def _paths(client: Client, spot: Spot, number: int) -> tuple[str, ...]:
    request = pfs.ListFileRequest(file=spot.file(FOLDER), number=number)
    try:
        return tuple(info.file.path for info in islice(client.pfs.ListFile(request), number))
    except NotFound:
        return ()


def _reason(client: Client, spot: Spot, path: str) -> dict[str, str]:
    name = PurePosixPath(path).stem
    try:
        found = json.loads(text_file(client, spot, path) or "") if path.endswith(".json") else {}
    except (ValueError, RecursionError):
        found = {}
    said = found if isinstance(found, dict) else {}
    words = {key: readable(str(said.get(key) or ""))[:_LONGEST] for key in ("reason", "message")}
    return {"name": readable(name), **words}
