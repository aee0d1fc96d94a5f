"""The course of a job, from its inputs being there to its commits being finished."""

from __future__ import annotations

from dataclasses import replace

from calf.db import commits as commit_rows
from calf.db import datums
from calf.model.errors import Internal
from calf.model.spec import REPROCESS_EVERY_JOB
from calf.model.states import DatumState, JobState
from calf.pfs import commits
from calf.pps.attest.attesting import attest, look
from calf.pps.jobs.end import end_badly
from calf.pps.jobs.move import current, move, save
from calf.pps.scheduler.base import Base, choose_base, is_gone, wait_until_ended
from calf.pps.scheduler.begin import begin
from calf.pps.scheduler.egress import egress
from calf.pps.scheduler.listing import Listing, list_datums
from calf.pps.scheduler.pool import Pool
from calf.pps.scheduler.publish import build_trees
from calf.pps.scheduler.record import counted, record
from calf.pps.scheduler.work import Task, Work


def process(work: Work) -> None:
    """Bring a job whose inputs are finished to SUCCESS or FAILURE.

    Raises `Cancelled` when it has been ended or is no longer wanted; nothing of its commits is finished then.
    """
    while not _process(work):
        work.log("", "the job that this one builds on was deleted: starting over with another one")


def _process(work: Work) -> bool:
    """One course of the job; False when what it was built on had been deleted before its end."""
    listing = list_datums(work)
    begin(work, listing)
    with Pool(work) as pool:
        base = _run_new(work, pool, listing)
        if not _failed(work):
            _skip(work, base)
            _run(work, pool, _waiting(work, listing))
    failed = _first_failed(work, listing)
    if failed is None:
        return _succeed(work, base)
    _fail(work, base, f"datum {failed} failed")
    return True


def _run_new(work: Work, pool: Pool, listing: Listing) -> Base | None:
    """The parallel phase: run what no base has, without waiting for a base that is under way.

    Gives the base once it is known to be good; another is chosen when it turns out bad.
    """
    while True:
        with work.pps.pfs.read() as tx:
            base = choose_base(tx, work)
        _run(work, pool, _waiting(work, listing, base))
        if base is None or base.settled or _failed(work):
            return base
        wait_until_ended(work, base)


def _skip(work: Work, base: Base | None) -> None:
    """The serial phase's first half: let what is unchanged since the base point at what was done there."""
    if base is None or work.spec.reprocess_spec == REPROCESS_EVERY_JOB or work.spec.s3_out:
        return
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        if info.state is JobState.RUNNING and (skipped := datums.skip(txn.tx, work.number, base.number)):
            save(txn, replace(info, counts=counted(info.counts, DatumState.SKIPPED, skipped)))
            work.log("", f"datums skipped, being as they were in job {base.job.id}: {skipped}")


def _run(work: Work, pool: Pool, tasks: list[Task]) -> None:
    work.cancel.check()
    pool.run(tasks, lambda taken: record(work, taken.ended, taken.writers))


def _waiting(work: Work, listing: Listing, base: Base | None = None) -> list[Task]:
    """What has no result yet, less what `base` has too."""
    with work.pps.pfs.read() as tx:
        waiting = datums.unknown(tx, work.number, base.number if base else None)
    return listing.pick(waiting)


def _failed(work: Work) -> set[str]:
    with work.pps.pfs.read() as tx:
        return datums.ids(tx, work.number, DatumState.FAILED)


def _first_failed(work: Work, listing: Listing) -> str | None:
    found = listing.pick(_failed(work))
    return found[0].datum.id if found else None


def _succeed(work: Work, base: Base | None) -> bool:
    pfs = work.pps.pfs
    built = build_trees(work, base, carry_all=False)
    egress(work, built.output)
    facts = look(work)
    with pfs.transaction() as txn:
        info = move(txn, current(txn, work.job), JobState.FINISHING)
        if is_gone(txn.tx, base):
            return False
        if waiting := datums.ids(txn.tx, work.number, DatumState.UNKNOWN):
            raise Internal(f"datum {min(waiting)} of job {work.job} has no result")
        commits.set_root(txn, work.output, built.output)
        commits.set_root(txn, work.meta, built.meta)
        commits.finish(txn, work.output, force=True)
        row = commit_rows.get(txn.tx, work.output)
        if row is not None and row.error:
            end_badly(txn, info, JobState.FAILURE, row.error)
            work.log(
                "", f"{row.error}: a path may be written by one datum only, so name outputs after inputs"
            )
        else:
            commits.finish(txn, work.meta, force=True)
            attest(work, txn, move(txn, info, JobState.SUCCESS), facts, base.job if base else None)
    return True


def _fail(work: Work, base: Base | None, reason: str) -> None:
    built = build_trees(work, base, carry_all=True)
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        commits.set_root(txn, work.output, built.output)
        commits.set_root(txn, work.meta, built.meta)
        end_badly(txn, info, JobState.FAILURE, reason)
