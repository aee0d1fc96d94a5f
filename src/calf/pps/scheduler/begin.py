"""The start of a job: its datums are listed, once and for all, and it is RUNNING.

Where nothing is new, what is unchanged since the base is skipped in the same transaction; and a job of whose
inputs nothing changed at all is over in it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from calf.db import datums
from calf.model.pps_infos import Counts, JobInfo
from calf.model.spec import REPROCESS_EVERY_JOB, PipelineSpec
from calf.model.statement.facts import ImageFacts
from calf.model.states import JobState
from calf.pfs import commits
from calf.pfs.transaction import Txn
from calf.pps.attest.attesting import look
from calf.pps.datums import check_number
from calf.pps.jobs.end import commits_of
from calf.pps.jobs.move import current, move
from calf.pps.pipelines.egress import egress_url
from calf.pps.scheduler.base import Base, choose_base
from calf.pps.scheduler.conclude import conclude
from calf.pps.scheduler.listing import Listing
from calf.pps.scheduler.publish import Trees
from calf.pps.scheduler.work import Work


@dataclass(frozen=True, slots=True)
class Begun:
    """How a job stands once it is RUNNING: what it builds on, and those of its datums that are `waiting`,
    None while it is not known which of them are skipped. It may be `over` already.
    """

    base: Base | None
    waiting: Collection[str] | None
    counts: Counts
    over: bool = False


def begin(work: Work, listing: Listing) -> None:
    """Write the list of the datums, none of which is skipped, and put the job into RUNNING.

    A job that was RUNNING before (the server was restarted) counts one restart; what ran in it with the same
    identity keeps its result.
    """
    with work.pps.pfs.transaction() as txn:
        info = _starting(txn, work)
        listing.write(txn.tx)
        info = _running(txn, work, info, datums.counts(txn.tx, work.number))
    _tell(work, info.counts)


def begin_on_base(work: Work, listing: Listing) -> Begun:
    """As `begin`, but skip what is unchanged since the base, if no datum is new and the base is settled.

    The job is over when that leaves nothing to do, and no datum of the base went.
    """
    facts = look(work) if listing.is_as_before and not egress_url(work.spec) else None
    with work.pps.pfs.transaction() as txn:
        begun = begin_within(txn, work, listing, facts)
        tell_begun(work, begun)  # before anybody sees that the job is over
    return begun


def begin_within(txn: Txn, work: Work, listing: Listing, facts: ImageFacts | None) -> Begun:
    """The same in a transaction; `tell_begun` follows. Without `facts` the job goes on in any case."""
    info = _starting(txn, work)
    base = choose_base(txn.tx, work)
    listing.write(txn.tx, base if may_skip(work.spec) else None)
    counts, waiting = _serial(txn, work, base)
    info = _running(txn, work, info, counts)
    if facts is None or base is None or waiting != set() or not listing.is_as_before:
        return Begun(base, waiting, counts)
    roots = Trees(*(commits.root(txn.tx, commit) for commit in commits_of(base.job)))
    ended = replace(txn, now=work.pps.pfs.clock())  # listing a hundred thousand takes its time
    conclude(ended, work, info, roots, base, facts)
    return Begun(base, waiting, counts, over=True)


def tell_begun(work: Work, begun: Begun) -> None:
    """Say in the job's log how it began."""
    _tell(work, begun.counts)
    if begun.base is not None and begun.counts.skipped:
        tell_skipped(work, begun.base, begun.counts.skipped)


def may_skip(spec: PipelineSpec) -> bool:
    """Whether a job of a pipeline skips anything."""
    return spec.reprocess_spec != REPROCESS_EVERY_JOB and not spec.s3_out


def tell_skipped(work: Work, base: Base, number: int) -> None:
    """Say in the job's log what was skipped."""
    work.log("", f"datums skipped, being as they were in job {base.job.id}: {number}")


def _starting(txn: Txn, work: Work) -> JobInfo:
    info = current(txn, work.job)
    if info.state is JobState.STARTING:
        return info
    again = 0 if info.state is JobState.CREATED else 1
    return move(txn, replace(info, restarts=info.restarts + again), JobState.STARTING)


def _serial(txn: Txn, work: Work, base: Base | None) -> tuple[Counts, set[str] | None]:
    """The counts, and what is left to run: once nothing is new, all that cannot be skipped."""
    counts = datums.counts(txn.tx, work.number)
    if base is None:
        return counts, datums.unknown(txn.tx, work.number, None)
    if counts.waiting == 0:
        return counts, set()
    if counts.failed or not base.settled or datums.unknown(txn.tx, work.number, base.number):
        return counts, None  # nothing is skipped once a datum failed
    if may_skip(work.spec) and datums.skip(txn.tx, work.number, base.number):
        counts = datums.counts(txn.tx, work.number)
    return counts, datums.unknown(txn.tx, work.number, None)


def _running(txn: Txn, work: Work, info: JobInfo, counts: Counts) -> JobInfo:
    check_number(counts.total)
    stats = datums.stats(txn.tx, work.number)
    started = info.started or txn.now
    info = replace(info, counts=counts, stats=stats, image=work.image, started=started)
    return move(txn, info, JobState.RUNNING)


def _tell(work: Work, counts: Counts) -> None:
    work.log("", f"datums in this job: {counts.total}")
    if work.image.stand_in:
        work.log(
            "", f"image {work.image.name} was not built here: this machine's own system stands in for it"
        )
