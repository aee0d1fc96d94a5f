"""The course of a job, from its inputs being there to its commits being finished."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from dataclasses import replace

from calf.db import datums
from calf.model.errors import Internal
from calf.model.states import DatumState, JobState
from calf.pfs import commits
from calf.pps.attest.attesting import look
from calf.pps.jobs.end import end_badly
from calf.pps.jobs.move import current, save
from calf.pps.pipelines.egress import egress_url
from calf.pps.scheduler.attempt import Ended
from calf.pps.scheduler.base import Base, choose_base, is_gone, wait_until_ended
from calf.pps.scheduler.begin import Begun, begin_on_base, may_skip, tell_skipped
from calf.pps.scheduler.conclude import conclude
from calf.pps.scheduler.desk import Taken
from calf.pps.scheduler.egress import egress
from calf.pps.scheduler.listing import Listing, list_datums
from calf.pps.scheduler.pool import Pool
from calf.pps.scheduler.publish import Trees, build_trees
from calf.pps.scheduler.record import Results, counted, record, results_of, write_down
from calf.pps.scheduler.work import Task, Work

_FEW = 200
"""So many datums may wait for their records until the job's trees are built: that does not take long."""


def process(work: Work) -> None:
    """Bring a job whose inputs are finished to SUCCESS or FAILURE.

    Raises `Cancelled` when it has been ended or is no longer wanted; nothing of its commits is finished then.
    """
    while not _process(work):
        work.log("", "the job that this one builds on was deleted: starting over with another one")


def _process(work: Work) -> bool:
    """One course of the job; False when what it was built on had been deleted before its end."""
    listing = list_datums(work)
    begun = begin_on_base(work, listing)
    if begun.over:
        return True
    with Pool(work) as pool:  # whose workers nobody waits for at its end
        base, last = _run_all(work, pool, listing, begun)
        with closing(last):
            if last.ended and egress_url(work.spec):  # which may take for ever
                pool.close()
                record(work, last)
                last = Taken((), ())
            return _end(work, listing, base, last)


def _run_all(work: Work, pool: Pool, listing: Listing, begun: Begun) -> tuple[Base | None, Taken]:
    """Run what cannot be skipped; gives what it builds on, and what ended last and is not on record yet."""
    if begun.waiting is not None:
        return begun.base, _run_last(work, pool, listing.pick(begun.waiting))
    base = _run_new(work, pool, listing)
    if _failed(work):
        return base, Taken((), ())
    _skip(work, base)
    return base, _run_last(work, pool, _waiting(work, listing))


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
    if base is None or not may_skip(work.spec):
        return
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        if info.state is JobState.RUNNING and (skipped := datums.skip(txn.tx, work.number, base.number)):
            save(txn, replace(info, counts=counted(info.counts, DatumState.SKIPPED, skipped)))
            tell_skipped(work, base, skipped)


def _run(work: Work, pool: Pool, tasks: list[Task]) -> None:
    work.cancel.check()
    pool.run(tasks, lambda taken: record(work, taken))


def _run_last(work: Work, pool: Pool, tasks: list[Task]) -> Taken:
    """Run what is left; of few datums, those that end last are given back, for the record of its end."""
    if len(tasks) > _FEW:
        _run(work, pool, tasks)
        return Taken((), ())
    work.cancel.check()
    left, last = len(tasks), Taken((), ())

    def take(taken: Taken) -> None:
        nonlocal left, last
        left -= len(taken.ended)
        if left:
            record(work, taken)
        else:
            last = taken

    try:
        pool.run(tasks, take)
    except BaseException:
        last.close()
        raise
    return last


def _waiting(work: Work, listing: Listing, base: Base | None = None) -> list[Task]:
    """What has no result yet, less what `base` has too."""
    with work.pps.pfs.read() as tx:
        waiting = datums.unknown(tx, work.number, base.number if base else None)
    return listing.pick(waiting)


def _failed(work: Work) -> set[str]:
    with work.pps.pfs.read() as tx:
        return datums.ids(tx, work.number, DatumState.FAILED)


def _first_failed(work: Work, listing: Listing, last: Collection[Ended]) -> str | None:
    failed = _failed(work) | {ended.task.datum.id for ended in last if ended.state is DatumState.FAILED}
    found = listing.pick(failed)
    return found[0].datum.id if found else None


def _end(work: Work, listing: Listing, base: Base | None, last: Taken) -> bool:
    """Build what the job leaves behind and end it; False when its base was deleted meanwhile."""
    failed = _first_failed(work, listing, last.ended)
    with results_of(work, last) as results:
        built = build_trees(work, base, results, carry_all=failed is not None)
        results.seal()
        if failed is not None:
            _fail(work, built, results, f"datum {failed} failed")
            return True
        egress(work, built.output)
        return _succeed(work, built, results, base)


def _succeed(work: Work, built: Trees, results: Results, base: Base | None) -> bool:
    facts = look(work)
    with work.pps.pfs.transaction() as txn:
        info = write_down(txn, work, results)
        if is_gone(txn.tx, base):
            save(txn, info)
            return False
        if waiting := datums.ids(txn.tx, work.number, DatumState.UNKNOWN):
            raise Internal(f"datum {min(waiting)} of job {work.job} has no result")
        conclude(txn, work, info, built, base, facts)
    return True


def _fail(work: Work, built: Trees, results: Results, reason: str) -> None:
    with work.pps.pfs.transaction() as txn:
        info = write_down(txn, work, results)
        commits.set_root(txn, work.output, built.output)
        commits.set_root(txn, work.meta, built.meta)
        end_badly(txn, info, JobState.FAILURE, reason)
