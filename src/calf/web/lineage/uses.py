"""What was made from a file: the jobs that read it, the datum of each that did, and what that one wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import CalfError, Category, NotFound
from calf.web.lineage.behind import Made, is_finished, made_by
from calf.web.lineage.spots import Spot, spot_of
from calf.wire.messages import Message, pfs, pps

_MOST_JOBS = 20
_FEW_DATUMS, _MOST_DATUMS = 300, 20_000
"""Jobs of few datums are looked through for the one that read a file, others if somebody asks for it."""
_MOST_FILES = 12
_MOST_WALKED = 2000
_GONE = (Category.NOT_FOUND, Category.STATE, Category.INVALID, Category.PRECONDITION, Category.UNFINISHED)


def uses_of(client: Client, spot: Spot, path: str, look: str = "") -> dict[str, Any]:
    """The jobs that read a file or a folder, newest first; the job `look` is looked through in any case."""
    outputs = readers_of(client, spot)
    jobs = ((output, made_by(client, output)) for output in outputs[:_MOST_JOBS])
    found = [
        _use(client, _Question(spot, path, output.commit == look), output, made)
        for output, made in jobs
        if made is None or _reads(made, spot, path)
    ]
    return {"jobs": found, "more": max(0, len(outputs) - _MOST_JOBS)}


@dataclass(frozen=True, slots=True)
class _Question:
    """A path, a folder if it ends in `/`; `patient`: a job of many datums is to be looked through, too."""

    spot: Spot
    path: str
    patient: bool


def readers_of(client: Client, spot: Spot) -> list[Spot]:
    """The outputs that were made from a commit itself, the last ones first."""
    info = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=spot.message))
    return [spot_of(each) for each in reversed(info.direct_subvenance) if each.repo.type in ("", "user")]


def _reads(made: Made, spot: Spot, path: str) -> bool:
    """Whether a job can have read a path: it lies in what one of its inputs is limited to, or around that."""
    plain = path.rstrip("/")
    for read in made.reads:
        base = read.path.rstrip("/")
        if read.spot.is_beside(spot) and (
            f"{plain}/".startswith(f"{base}/") or f"{base}/".startswith(f"{plain}/")
        ):
            return True
    return False


def _whole(made: Made, asked: _Question) -> str:
    """The folder that a job read as one input where the path is only a part of it; else empty."""
    reads = [read for read in made.reads if read.spot.is_beside(asked.spot)]
    around = [read.path for read in reads if read.exact and _is_within(asked.path, read.path)]
    return max(around, key=len) if around and len(around) == len(reads) else ""


def _is_within(path: str, folder: str) -> bool:
    base = folder.rstrip("/")
    return path.rstrip("/") != base and path.startswith(f"{base}/")


def _use(client: Client, asked: _Question, output: Spot, made: Made | None) -> dict[str, Any]:
    """A job, and as far as it can be known the datum that read the path; `datum` is empty where it cannot.

    `state` is empty where the job is no longer on record. `look`: nobody has looked for the datum, for there
    are many. `whole`: the folder that was read as one.
    """
    found: dict[str, Any] = {"project": output.project, "pipeline": output.repo, "job": output.commit}
    found |= {
        "state": made.state if made else "" if is_finished(client, output) else "running",
        "datum": "",
        "files": [],
        "more": False,
        "look": False,
        "whole": _whole(made, asked) if made else "",
    }
    if made is None or made.state != "success":
        return found
    is_one = not asked.path.endswith("/") or made.total == 1
    look = is_one and made.total > _FEW_DATUMS and not asked.patient
    datum = _datum(client, asked, output) if is_one and not look else ""
    if not datum:
        return found | {"files": _top(client, output), "look": look}
    files = list(_written(client, output, datum))
    alike = _alike(files, asked.path)
    if made.total == 1 and not alike:
        return found | {"datum": datum, "files": _top(client, output)}
    shown = (alike or files)[:_MOST_FILES]
    return found | {"datum": datum, "files": shown, "more": len(files) > len(shown)}


def _alike(files: list[str], path: str) -> list[str]:
    """The files whose names have most in common with that of a path; none where none has anything."""
    words = _words(path)
    shared = [len(words & _words(each)) for each in files]
    most = max(shared, default=0)
    return [each for each, number in zip(files, shared, strict=True) if number == most and most]


def _words(path: str) -> set[str]:
    """The names in a path, without what tells the kind of a file."""
    return {part.partition(".")[0] for part in path.split("/") if part}


def _datum(client: Client, asked: _Question, output: Spot) -> str:
    """The datum of a job that read a path; empty where none of the first ones did."""
    pipeline = pps.Pipeline(name=output.repo, project=pfs.Project(name=output.project))
    request = pps.ListDatumRequest(job=pps.Job(pipeline=pipeline, id=output.commit), number=_MOST_DATUMS)
    for info in islice(client.pps.ListDatum(request), _MOST_DATUMS):
        if any(_is_read(each.file, asked.spot, asked.path) for each in info.data):
            return str(info.datum.id)
    return ""


def _is_read(file: Message, spot: Spot, path: str) -> bool:
    base = file.path.rstrip("/")
    return spot_of(file.commit).is_beside(spot) and f"{path.rstrip('/')}/".startswith(f"{base}/")


def _written(client: Client, output: Spot, datum: str) -> Iterator[str]:
    """The files that a datum wrote, as the records beside the output have them."""
    lead = f"/pfs/{datum}/out"
    meta = Spot(output.project, f"{output.repo}.meta", output.commit)
    try:
        walk = client.pfs.WalkFile(pfs.WalkFileRequest(file=meta.file(lead), number=_MOST_WALKED))
        for info in islice(walk, _MOST_WALKED):
            if info.file_type == pfs.FILE:
                yield info.file.path.removeprefix(lead)
    except CalfError as error:
        if error.category not in _GONE:
            raise


def _top(client: Client, output: Spot) -> list[str]:
    """What lies at the top of an output."""
    request = pfs.ListFileRequest(file=output.file("/"), number=_MOST_FILES)
    try:
        return [info.file.path for info in islice(client.pfs.ListFile(request), _MOST_FILES)]
    except NotFound:
        return []
