"""`calf gc`: everything that takes space and that nothing refers to any more: objects, rows, logs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from calf.db import jobs, pipelines
from calf.model.ports import Cancel, LogStore
from calf.model.refs import Job, Pipeline
from calf.pfs.engine import Pfs
from calf.pfs.sweeping import Reached, Survey, sweep
from calf.pps.jobs.logs import SPOUT
from calf.storage.sweeping import DEFAULT, Fate, PackState, Policy, Swept


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the explanation: what goes, or stays, and why.

    `items` of the kind `what`, with `objects` that are needed and `garbage` that are not; `size` in bytes on
    the disk, of which `freed` will be less.
    """

    what: str
    why: str
    goes: bool
    items: int
    objects: int = 0
    garbage: int = 0
    size: int = 0
    freed: int = 0


@dataclass(frozen=True, slots=True)
class Freed:
    """What was done so far, in all: by the sweep, and how many jobs' logs are gone with how many bytes."""

    swept: Swept = field(default_factory=Swept)
    logs: int = 0
    log_bytes: int = 0


def collect(
    pfs: Pfs, logs: LogStore, cancel: Cancel, *, dry_run: bool = False, policy: Policy = DEFAULT
) -> Iterator[Reached | Line | Freed]:
    """Say what goes and what stays, and, unless it is a `dry_run`, have it go, saying how far it is.

    Beside a running server and its jobs, and again after it was cut off. Raises as `pfs.sweeping.sweep` does.
    """
    freed = Freed()
    stray = _stray_logs(pfs, logs)
    if stray:
        size = sum(size for _, size in stray)
        yield Line("logs", "their jobs were deleted", True, len(stray), size=size, freed=size)
        if not dry_run:
            for job, _ in stray:
                logs.delete(*job)
            freed = Freed(logs=len(stray), log_bytes=size)
    for news in sweep(pfs, cancel, dry_run=dry_run, policy=policy):
        if isinstance(news, Survey):
            yield from _explain(news)
        elif isinstance(news, Swept):
            freed = replace(freed, swept=freed.swept + news)
            yield freed
        else:
            yield news
    if not dry_run:
        yield freed


def _explain(survey: Survey) -> Iterator[Line]:
    if survey.filesets:
        yield Line("file sets", "their time is over", True, survey.filesets)
    if survey.runs:
        yield Line("datum records", "no job points at them", True, survey.runs)
    by_fate: dict[Fate, list[PackState]] = defaultdict(list)
    for state in survey.packs:
        by_fate[state.fate].append(state)
    for fate in Fate:
        if by_fate[fate]:
            yield _of_packs(fate, by_fate[fate])


def _of_packs(fate: Fate, packs: Iterable[PackState]) -> Line:
    states = list(packs)
    return Line(
        "packs",
        fate.value,
        not states[0].stays,
        len(states),
        objects=sum(state.objects for state in states),
        garbage=sum(len(state.dead) for state in states),
        size=sum(state.size for state in states),
        freed=sum(state.waste for state in states if not state.stays),
    )


def _stray_logs(pfs: Pfs, logs: LogStore) -> list[tuple[tuple[str, str, str], int]]:
    """The logs of jobs that are no more: listed first, since a job is there before its log is."""
    kept = list(logs.jobs())
    with pfs.read() as tx:
        return [
            (key, size)
            for key, size in kept
            if (
                pipelines.row_id(tx, Pipeline(*key[:2])) is None
                if key[2] == SPOUT
                else jobs.number(tx, Job(Pipeline(*key[:2]), key[2])) is None
            )
        ]
