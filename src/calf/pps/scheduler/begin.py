"""The start of a job: its datums are listed, once and for all, and it is RUNNING."""

from __future__ import annotations

from dataclasses import replace

from calf.db import datums
from calf.model.identity import datum_hasher, datum_id
from calf.model.refs import Datum
from calf.model.states import JobState
from calf.pfs import commits
from calf.pps.datums import bounded, enumerate_datums, recipe_of
from calf.pps.jobs.move import current, move
from calf.pps.scheduler.work import Task, Work


def begin(work: Work) -> dict[str, Task]:
    """List the datums by id, in the order of enumeration, and put the job into RUNNING.

    A job that was RUNNING before (the server was restarted) counts one restart; what ran in it with the same
    identity keeps its result.
    """
    tasks = _list(work)
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        if info.state is not JobState.STARTING:
            again = 0 if info.state is JobState.CREATED else 1
            info = move(txn, replace(info, restarts=info.restarts + again), JobState.STARTING)
        datums.put_list(txn.tx, work.number, ((task.datum.id, task.hash) for task in tasks.values()))
        info = replace(
            info,
            counts=datums.counts(txn.tx, work.number),
            stats=datums.stats(txn.tx, work.number),
            image=work.image,
            started=info.started or txn.now,
        )
        move(txn, info, JobState.RUNNING)
    work.log("", f"datums in this job: {len(tasks)}")
    if work.image.stand_in:
        work.log(
            "", f"image {work.image.name} was not built here: this machine's own system stands in for it"
        )
    return tasks


def _list(work: Work) -> dict[str, Task]:
    pfs, spec, recipe = work.pps.pfs, work.spec, recipe_of(work.pipeline, work.pps.settings)
    tasks: dict[str, Task] = {}
    if spec.input is None:
        return tasks
    hash_of = datum_hasher(work.pipeline.salt, recipe)
    with pfs.read() as tx:
        for inputs in bounded(enumerate_datums(pfs, tx, spec.input, commits.inputs(tx, work.output))):
            identity = datum_id(inputs)
            tasks.setdefault(identity, Task(Datum(work.job, identity), hash_of(identity, inputs), inputs))
    return tasks
