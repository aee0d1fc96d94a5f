"""Following the jobs of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from calf.db import jobs, pipelines
from calf.db.tx import Tx
from calf.model.not_found import pipeline_not_found
from calf.model.ports import Cancel
from calf.model.pps_infos import JobInfo
from calf.model.refs import Job, Pipeline
from calf.pfs.engine import Pfs
from calf.pps.jobs.catch_up import catch_up


def subscribe(pfs: Pfs, pipeline: Pipeline, cancel: Cancel) -> Iterator[JobInfo]:
    """Every unfinished job of the pipeline, when first seen and whenever it changes; ends by `Cancelled`.

    Raises `NotFound` without the pipeline, also when it is deleted meanwhile.
    """
    catch_up(pfs)
    seen: dict[Job, JobInfo] = {}

    def changed(tx: Tx) -> dict[Job, JobInfo] | None:
        if pipelines.get(tx, pipeline) is None:
            raise pipeline_not_found(pipeline)
        now = {info.job: info for info in jobs.unfinished(tx, pipeline)}
        return now if any(seen.get(job) != info for job, info in now.items()) else None

    while True:
        before, seen = seen, pfs.db.wait(changed, cancel)
        yield from (info for job, info in seen.items() if before.get(job) != info)
