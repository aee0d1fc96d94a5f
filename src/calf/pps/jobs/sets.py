"""Job sets: the jobs that share a global id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from calf.db import commits, jobs
from calf.model.not_found import commit_set_not_found
from calf.model.ports import Cancel
from calf.model.pps_infos import JobInfo
from calf.model.states import TERMINAL_JOB_STATES
from calf.pfs.engine import Pfs
from calf.pps.jobs.catch_up import catch_up
from calf.pps.jobs.inspect import wait
from calf.pps.jobs.list_ import JobQuery, list_


@dataclass(frozen=True, slots=True)
class JobSet:
    """A global id and its jobs, upstream first."""

    id: str
    jobs: tuple[JobInfo, ...]


def inspect_set(pfs: Pfs, set_id: str) -> tuple[JobInfo, ...]:
    """The jobs of a set, upstream first. Raises `NotFound` when no commit has that id."""
    catch_up(pfs)
    with pfs.read() as tx:
        if not commits.of_set(tx, set_id):
            raise commit_set_not_found(set_id)
        return tuple(jobs.of_set(tx, set_id))


def wait_set(pfs: Pfs, set_id: str, cancel: Cancel) -> Iterator[JobInfo]:
    """The jobs of a set, upstream first, each once it has ended, well or badly."""
    for info in inspect_set(pfs, set_id):
        yield info if info.state in TERMINAL_JOB_STATES else wait(pfs, info.job, cancel)


def list_sets(pfs: Pfs, query: JobQuery) -> Iterator[JobSet]:
    """The sets of the jobs that `query` finds, the set with the newest job first, each once and whole."""

    def sets() -> Iterator[JobSet]:
        seen: set[str] = set()
        for info in list_(pfs, replace(query, number=0)):
            if info.job.id not in seen:
                seen.add(info.job.id)
                with pfs.read() as tx:
                    members = tuple(jobs.of_set(tx, info.job.id))
                yield JobSet(info.job.id, members)

    return islice(sets(), query.number or None)
