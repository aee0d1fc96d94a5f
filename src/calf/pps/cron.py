"""Clocks of pipelines: when the next tick is due, and the commit that it is.

Nothing is remembered but the ticks themselves, which are files named after their times: the next one follows
from the newest, or from the start if that is later. So after a pause or a crash what was missed is made up
for, tick by tick, each a commit of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from calf.db import pipelines
from calf.db.tx import Tx
from calf.kit import rfc3339
from calf.kit.cancel import CancelToken
from calf.kit.cron import Schedule
from calf.model.errors import NotFound, WrongState
from calf.model.not_found import pipeline_not_found
from calf.model.ports import Due
from calf.model.refs import CommitRef, Pipeline
from calf.model.spec import CronInput, clocks
from calf.model.states import PipelineState
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pfs.files.modifying import modify
from calf.pfs.files.ops import AddFile, DeleteFile, Op
from calf.storage import trees


def due(pfs: Pfs, tx: Tx) -> Iterator[Due]:
    """The next tick of every clock of every pipeline that is not stopped; of those by hand only, none."""
    for info in pipelines.mentioning(tx, "cron"):
        if info.stopped or info.state is PipelineState.FAILURE:
            continue
        for clock in clocks(info.spec.input):
            at = Schedule.parse(clock.spec).next_after(_latest(pfs, tx, clock))
            if at is not None:
                yield Due(at, f"tick {clock.name} of pipeline {info.pipeline}", partial(tick, pfs, clock, at))


def run(pfs: Pfs, pipeline: Pipeline) -> None:
    """Tick all clocks of a pipeline now, whatever their schedules; each makes a commit of its own.

    Raises `NotFound`, and `WrongState` for a pipeline without clocks.
    """
    with pfs.read() as tx:
        info = pipelines.get(tx, pipeline)
    if info is None:
        raise pipeline_not_found(pipeline)
    found = clocks(info.spec.input)
    if not found:
        raise WrongState("pipeline doesn't have a cron input", f"{pipeline} reads repos only")
    now = pfs.clock()
    for clock in found:
        tick(pfs, clock, now)


def tick(pfs: Pfs, clock: CronInput, at: float) -> None:
    """Commit an empty file named after the time; one that overwrites takes the former ones away."""
    path = f"/{rfc3339.format(at)}"
    ops: list[Op] = [DeleteFile("/" if clock.overwrite else path), AddFile(path, ())]
    branch = clock.files.source
    modify(pfs, CommitRef(branch.repo, branch.name), ops, CancelToken())


def _latest(pfs: Pfs, tx: Tx, clock: CronInput) -> float:
    """The time that the next tick follows."""
    branch = clock.files.source
    newest = rfc3339.parse(clock.start)
    with suppress(NotFound):  # somebody deleted its repo
        root = commits.root(tx, commits.resolve(tx, CommitRef(branch.repo, branch.name)))
        for node in trees.children(pfs.store.get, root, "/", reverse=True):
            with suppress(ValueError):  # a file that is no tick
                return max(newest, rfc3339.parse(node.path.lstrip("/")))
    return newest
