"""The branches that commits were made on, for the clients that look for them in `Commit.branch`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from calf.db import commits, pipelines
from calf.model.pps_infos import JobInfo
from calf.model.refs import Commit, Pipeline
from calf.pfs.engine import Pfs
from calf.rpc.call import Call
from calf.wire.branches import wants_branches

_SINGLY = 5


def branches_of(pfs: Pfs, call: Call) -> Callable[[Commit], str]:
    """Gives the branch of a commit, each looked up once in an answer; empty when nobody reads it."""

    @cache
    def branch(commit: Commit) -> str:
        with pfs.read() as tx:
            row = commits.get(tx, commit)
        return row.branch if row else ""

    return branch if wants_branches(call.user_agent) else lambda _commit: ""


def output_branches_of(pfs: Pfs, call: Call) -> Callable[[JobInfo], str]:
    """Gives the output branch of a job, each pipeline's looked up once; empty when nobody reads it.

    Whoever asks for those of several pipelines is likely to go on, so all are looked up then.
    """
    known: dict[tuple[Pipeline, int], str] = {}

    def branch(job: JobInfo) -> str:
        key = job.job.pipeline, job.pipeline_version
        if key not in known:
            with pfs.read() as tx:
                if len(known) == _SINGLY:
                    known.update(pipelines.output_branches(tx))
                info = None if key in known else pipelines.get(tx, *key)
            known.setdefault(key, info.spec.output_branch if info else "")
        return known[key]

    return branch if wants_branches(call.user_agent) else lambda _job: ""
