"""Jobs and datums as data of a page."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from calf.model.states import TERMINAL_JOB_STATES
from calf.views.labels import repo_name
from calf.views.states import datum_state, job_state
from calf.web.shaping import rfc3339, seconds_of
from calf.wire.messages import Message, pfs, pps
from calf.wire.times import read_time

ENDED = frozenset(job_state(int(state)) for state in TERMINAL_JOB_STATES)
NO_DATUMS = "there were no datums to process"


def pipeline_of(project: str, name: str) -> Message:
    """The reference to a pipeline."""
    return pps.Pipeline(name=name, project=pfs.Project(name=project))


def job_of(project: str, pipeline: str, job_id: str) -> Message:
    """The reference to a job."""
    return pps.Job(pipeline=pipeline_of(project, pipeline), id=job_id)


def job_data(info: Message, now: float | None = None) -> dict[str, Any]:
    """What lists say of a job; `seconds` is how long it took, or has taken so far."""
    state = job_state(info.state)
    return {
        "project": info.job.pipeline.project.name,
        "pipeline": info.job.pipeline.name,
        "id": info.job.id,
        "version": info.pipeline_version,
        "state": state,
        "ended": state in ENDED,
        "reason": info.reason or (NO_DATUMS if state == "success" and not info.data_total else ""),
        "created": rfc3339(info.created),
        "started": rfc3339(info.started),
        "finished": rfc3339(info.finished),
        "seconds": job_seconds(info, now),
        "counts": counts_of(info),
        "phases": phases_of(info.stats),
        "download_bytes": info.stats.download_bytes,
        "upload_bytes": info.stats.upload_bytes,
        "restarts": info.restart,
        "detached": info.calf.detached,
    }


def job_seconds(info: Message, now: float | None = None) -> float | None:
    """How long a job took from its start, None for one that did not start."""
    if not info.HasField("started"):
        return None
    so_far = time.time() if now is None else now
    end = read_time(info.finished) if info.HasField("finished") else so_far
    return round(max(0.0, end - read_time(info.started)), 3)


def counts_of(info: Message) -> dict[str, int]:
    """Its datums by what became of them."""
    return {
        "processed": info.data_processed,
        "skipped": info.data_skipped,
        "recovered": info.data_recovered,
        "failed": info.data_failed,
        "total": info.data_total,
    }


def summed(jobs: Iterable[dict[str, Any]]) -> dict[str, int]:
    """The datums of several jobs together."""
    names = ("processed", "skipped", "recovered", "failed", "total")
    found = list(jobs)
    return {name: sum(job["counts"][name] for job in found) for name in names}


def phases_of(stats: Message) -> dict[str, float]:
    """Seconds that went into getting data, running the code, and keeping what it wrote; of all datums."""
    return {
        "download": seconds_of(stats.download_time),
        "process": seconds_of(stats.process_time),
        "upload": seconds_of(stats.upload_time),
    }


def datum_data(info: Message, job_id: str) -> dict[str, Any]:
    """What lists say of a datum as the job `job_id` has it; `ran_in` is the job that ran it."""
    phases = phases_of(info.stats)
    return {
        "id": info.datum.id,
        "hash": info.calf.hash,
        "state": datum_state(info.state),
        "reason": info.calf.reason,
        "ran_in": info.datum.job.id or job_id,
        "image": info.image_id,
        "phases": phases,
        "seconds": round(sum(phases.values()), 3),
        "download_bytes": info.stats.download_bytes,
        "upload_bytes": info.stats.upload_bytes,
        "inputs": [file_data(each) for each in info.data],
    }


def file_data(info: Message) -> dict[str, Any]:
    """An input file of a datum, or a folder."""
    commit = info.file.commit
    return {
        "project": commit.repo.project.name,
        "repo": repo_name(commit.repo),
        "commit": commit.id,
        "path": info.file.path,
        "folder": info.file_type == pfs.DIR,
        "bytes": info.size_bytes,
        "hash": info.hash.hex(),
    }
