"""What made a file: the run with its code, settings and inputs, or the commit of whoever put it in."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import CalfError, Category, NotFound
from calf.views.lineage import WHY, Step, is_parameters, lines_of, source_behind, steps_of
from calf.views.states import job_state
from calf.views.words import printable
from calf.web.lineage.behind import Made, Read, made_by, record
from calf.web.lineage.spots import Spot, spot_of
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, calf_pps, pfs

_MOST_ORIGINS = 100
"""So many files of a folder are asked about."""
_MOST_RUNS = 20
_MOST_INPUTS = 100
_MOST_FILES = 10
NO_ORIGINS: Mapping[str, Any] = {"by": "why", "runs": [], "more": 0, "complete": True}
"""What made nothing."""


def origins_of(client: Client, spot: Spot, path: str) -> dict[str, Any]:
    """The runs and commits behind a file, or behind all files below a folder (`path` ends in `/`).

    `by` is `why`, or `provenance` where the server cannot tell of single files; `complete` says whether all
    files of a folder were asked about.
    """
    request = calf_pps.WhyRequest(file=spot.file(path))
    try:
        found = list(islice(client.call(WHY, request), _MOST_ORIGINS))
    except CalfError as error:
        if error.category is not Category.UNIMPLEMENTED:
            raise
        return {"by": "provenance", "runs": by_provenance(client, spot), "more": 0, "complete": True}
    steps = list(steps_of(found).values())
    return {
        "by": "why",
        "runs": [_step_data(client, step, spot) for step in steps[:_MOST_RUNS]],
        "more": max(0, len(steps) - _MOST_RUNS),
        "complete": len(found) < _MOST_ORIGINS,
    }


def _step_data(client: Client, step: Step, spot: Spot) -> dict[str, Any]:
    origin = step.origin
    shown = {"files": step.files[:_MOST_FILES], "more_files": max(0, len(step.files) - _MOST_FILES)}
    return {**shown, **(_run(client, origin, spot) if origin.HasField("datum") else _put(origin))}


def _put(origin: Message) -> dict[str, Any]:
    info = origin.commit
    return {
        "kind": "put",
        **spot_of(info.commit).data,
        "finished": rfc3339(info.finished),
        "message": info.description,
        "by": info.created_by,
        "people": info.origin.kind == pfs.USER,
    }


def _run(client: Client, origin: Message, spot: Spot) -> dict[str, Any]:
    job, parts = origin.datum.datum.job, origin.inputs[:_MOST_INPUTS]
    spec = _spec(origin.effective_spec_json)
    return {
        "kind": "run",
        "project": job.pipeline.project.name,
        "pipeline": job.pipeline.name,
        "job": job.id,
        "datum": origin.datum.datum.id,
        "state": job_state(origin.job.state) if origin.job.state else "",
        "finished": rfc3339(origin.job.finished),
        "earlier": job.id != spot.commit,
        "version": int(origin.pipeline_version),
        "image": origin.image.name,
        "digest": origin.image.digest,
        **_code(spec.get("transform")),
        "source": source_behind(client, origin),
        "statement": origin.statement,
        "inputs": [_input(client, part) for part in parts],
        "more_inputs": len(origin.inputs) - len(parts),
    }


def _spec(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _code(transform: object) -> dict[str, Any]:
    given: Mapping[str, Any] = transform if isinstance(transform, dict) else {}
    return {
        "command": shlex.join(map(str, given.get("cmd") or ())),
        "stdin": [printable(str(line)) for line in given.get("stdin") or ()],
        "env": {str(name): printable(str(value)) for name, value in sorted((given.get("env") or {}).items())},
    }


def _input(client: Client, part: Message) -> dict[str, Any]:
    path, size = part.file.path, int(part.size_bytes)
    return {
        "name": part.name,
        **spot_of(part.file.commit).data,
        "path": path,
        "size": size,
        "hash": part.hash.hex(),
        "exact": True,
        "settings": _settings(client, part.file, size),
    }


def by_provenance(client: Client, spot: Spot) -> list[dict[str, Any]]:
    """What is known of the making of a commit as a whole: its job, and what that one read; nothing where the
    job is no longer on record."""
    made = made_by(client, spot)
    found = record(client, spot)
    if made is not None:
        return [_made(client, spot, made)]
    if not found.by_people:
        return []
    put = {"kind": "put", **spot.data, "finished": found.finished, "message": found.message, "by": ""}
    return [{**put, "files": [], "more_files": 0, "people": True}]


def _made(client: Client, spot: Spot, made: Made) -> dict[str, Any]:
    return {
        "kind": "run",
        "files": [],
        "more_files": 0,
        "project": spot.project,
        "pipeline": spot.repo.removesuffix(".meta"),
        "job": spot.commit,
        "datum": "",
        "state": made.state,
        "finished": made.finished,
        "earlier": False,
        "version": made.version,
        "image": made.image,
        "digest": made.digest,
        "command": shlex.join(made.command),
        "stdin": [],
        "env": {},
        "source": "",
        "statement": "",
        "inputs": [_read(client, read) for read in made.reads[:_MOST_INPUTS]],
        "more_inputs": max(0, len(made.reads) - _MOST_INPUTS),
    }


def _read(client: Client, read: Read) -> dict[str, Any]:
    return {
        "name": read.name,
        **read.spot.data,
        "path": read.path if read.exact else read.path.rstrip("/") + "/",
        "size": None,
        "hash": "",
        "exact": read.exact,
        "settings": _settings(client, read.spot.file(read.path)) if read.exact else [],
    }


def _settings(client: Client, file: Message, size: int | None = None) -> list[str]:
    """The lines of a small file of settings, none of another one; who knows no `size` has it asked for."""
    if not is_parameters(file.path, size or 0):
        return []
    if size is None:
        try:
            info = client.pfs.InspectFile(pfs.InspectFileRequest(file=file))
        except NotFound:
            return []
        if not is_parameters(file.path, info.size_bytes):
            return []
    return [printable(line) for line in lines_of(client, file)]


def reads_of(made: Made | None, run: Mapping[str, Any] | None) -> list[tuple[Spot, str]]:
    """Which places a job, or better the one run of it that is asked about, read."""
    if run is not None and run["kind"] == "run":
        return [(Spot(each["project"], each["repo"], each["commit"]), each["path"]) for each in run["inputs"]]
    return [(read.spot, read.path) for read in made.reads] if made else []
