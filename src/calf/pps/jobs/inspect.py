"""One job: as it is now, or once it has ended."""

from __future__ import annotations

from calf.db import jobs
from calf.db.tx import Tx
from calf.model.not_found import job_not_found
from calf.model.ports import Cancel
from calf.model.pps_infos import JobInfo
from calf.model.refs import Job
from calf.model.states import TERMINAL_JOB_STATES
from calf.pfs.engine import Pfs
from calf.pps.jobs.catch_up import catch_up


def inspect(pfs: Pfs, job: Job) -> JobInfo:
    """The job's record. Raises `NotFound`."""
    catch_up(pfs)
    with pfs.read() as tx:
        return find(tx, job)


def wait(pfs: Pfs, job: Job, cancel: Cancel) -> JobInfo:
    """The job's record once it has ended, well or badly. Raises `NotFound`, also when it is deleted."""
    catch_up(pfs)

    def ended(tx: Tx) -> JobInfo | None:
        info = find(tx, job)
        return info if info.state in TERMINAL_JOB_STATES else None

    return pfs.db.wait(ended, cancel)


def find(tx: Tx, job: Job) -> JobInfo:
    """The job's record as this transaction sees it. Raises `NotFound`."""
    info = jobs.get(tx, job)
    if info is None:
        raise job_not_found(job)
    return info
