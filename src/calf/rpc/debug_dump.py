"""What a debug dump holds: the version, how much there is, the end of the log, pipelines and their jobs."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import islice
from pathlib import Path

from calf.db.statistics import row_counts
from calf.model.errors import NotFound
from calf.model.refs import Pipeline
from calf.pfs import commits
from calf.pfs.commits import CommitQuery
from calf.pps import pipelines
from calf.pps.engine import Pps
from calf.pps.jobs import list_
from calf.pps.jobs.list_ import JobQuery
from calf.pps.pipelines import PipelineQuery
from calf.rpc.debug_archives import Part
from calf.rpc.debug_profile import stacks
from calf.wire.convert_pfs import write_commit_info
from calf.wire.convert_pps import write_job_info, write_pipeline_info
from calf.wire.documents import to_document
from calf.wire.messages import Message

LOG_TAIL = 1_000_000
"""Bytes of the server's log."""
NEWEST = 50
"""Jobs of a pipeline, and commits of a repo."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to put in: the server itself, and pipelines (None: all), perhaps with the repos they read."""

    server: bool = True
    database: bool = True
    pipelines: Sequence[Pipeline] | None = None
    inputs: bool = False


def collect(pps: Pps, log: Path, wanted: Wanted) -> Iterator[Part]:
    """The files of a dump, made one after the other. Raises `NotFound` for a pipeline that is not there."""
    if wanted.server:
        yield "pachd/version.json", _json(_about())
        yield "pachd/threads.txt", stacks().encode()
        yield "pachd/logs.txt", _tail(log)
    if wanted.database:
        with pps.pfs.read() as tx:
            counts = row_counts(tx)
        yield "database/rows.json", _json(counts)
    for info in _pipelines(pps, wanted.pipelines):
        yield from _pipeline(pps, info, wanted.inputs)


def code() -> Iterator[Part]:
    """The code that this process runs: this package, and what else is installed beside it."""
    root = Path(__file__).parents[1]
    yield "pachd/version.json", _json(_about())
    for path in sorted(root.rglob("*.py")):
        yield f"pachd/calf/{path.relative_to(root)}", path.read_bytes()


def _about() -> dict[str, object]:
    installed = {found.name: found.version for found in metadata.distributions()}
    return {
        "calf": metadata.version("calf"),
        "python": sys.version,
        "platform": platform.platform(),
        "packages": dict(sorted(installed.items())),
    }


def _tail(log: Path) -> bytes:
    if not log.is_file():
        return b""  # a server in the foreground writes to its terminal
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_TAIL))
        return file.read()


def _pipelines(pps: Pps, names: Sequence[Pipeline] | None) -> list[Message]:
    with pps.pfs.read() as tx:
        if names is None:
            found = pipelines.list_(tx, PipelineQuery())
        else:
            found = [pipelines.inspect(tx, name) for name in names]
    return [write_pipeline_info(info, details=True) for info in found]


def _pipeline(pps: Pps, info: Message, inputs: bool) -> Iterator[Part]:
    name = Pipeline(info.pipeline.project.name, info.pipeline.name)
    folder = f"pipelines/{name.project}/{name.name}"
    yield f"{folder}/spec.json", _json(to_document(info))
    jobs = list_.list_(pps.pfs, JobQuery(pipeline=name, number=NEWEST))
    yield f"{folder}/jobs.json", _json([to_document(write_job_info(job)) for job in jobs])
    if inputs:
        yield f"{folder}/commits.json", _json(_commits(pps, name))


def _commits(pps: Pps, pipeline: Pipeline) -> dict[str, object]:
    with pps.pfs.read() as tx:
        info = pipelines.inspect(tx, pipeline)
        repos = sorted({source.repo for source in info.spec.sources} | {pipeline.repo}, key=str)
        found: dict[str, object] = {}
        for repo in repos:
            try:
                newest = list(islice(commits.list_(tx, CommitQuery(repo)), NEWEST))
            except NotFound:  # an input repo that was deleted by force
                newest = []
            found[str(repo)] = [to_document(write_commit_info(commit)) for commit in newest]
    return found


def _json(document: object) -> bytes:
    return json.dumps(document, indent=2).encode() + b"\n"
