"""Egress: a job's output is copied out before its commit is finished, for as long as that takes."""

from __future__ import annotations

from dataclasses import replace

from calf.kit import durations
from calf.model.errors import CalfError, Cancelled
from calf.model.refs import CommitRef
from calf.model.states import JobState
from calf.pfs import commits, files
from calf.pps.jobs.move import current, move, save
from calf.pps.pipelines.egress import AGAIN, egress_url
from calf.pps.scheduler.backoff import backoff
from calf.pps.scheduler.deadline import pause
from calf.pps.scheduler.work import Work
from calf.storage import trees


def egress(work: Work, root: bytes | None) -> None:
    """Copy the tree `root`, which is to be the job's output, to where its spec says.

    What goes wrong is tried again until it succeeds, the job saying why it waits. An output that will not be
    valid is not copied. Raises `Cancelled`.
    """
    url, pfs = egress_url(work.spec), work.pps.pfs
    if not url or trees.conflict(pfs.store.get, root) is not None:
        return
    with pfs.transaction() as txn:
        commits.set_root(txn, work.output, root)
        move(txn, current(txn, work.job), JobState.EGRESSING, f"copying the output to {url}")
    delays = backoff(work.shared.retry_after)
    while (trouble := _copy(work, url)) is not None:
        delay = next(delays)
        told = f"egress: {trouble.message}{AGAIN}{durations.format(delay)}"
        work.log("", f"{told} ({trouble.hint})" if trouble.hint else told)
        _say(work, told)
        pause(work.cancel, delay)


def _copy(work: Work, url: str) -> CalfError | None:
    try:
        written = files.export(
            work.pps.pfs, CommitRef(work.output.repo, work.output.id), "/", url, work.cancel
        )
    except Cancelled:
        raise
    except CalfError as error:
        return error
    work.log("", f"egress: {written} bytes are at {url}")
    return None


def _say(work: Work, reason: str) -> None:
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        if info.state is JobState.EGRESSING and info.reason != reason:
            save(txn, replace(info, reason=reason))
