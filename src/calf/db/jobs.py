"""Jobs: one row each, with a digest of its own content, in the order in which their commits were opened."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import astuple
from functools import lru_cache

from calf.db.digest import Field, row_digest
from calf.db.tx import Row, Tx
from calf.model.limits import Limit
from calf.model.pps_infos import Counts, Image, JobInfo, Stats
from calf.model.refs import META, USER, Job, Pipeline
from calf.model.states import JobState

SCHEMA = (
    """CREATE TABLE jobs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        project TEXT NOT NULL,
        pipeline TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        state INTEGER NOT NULL,
        reason TEXT NOT NULL,
        restarts INTEGER NOT NULL,
        processed INTEGER NOT NULL,
        skipped INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        recovered INTEGER NOT NULL,
        total INTEGER NOT NULL,
        download_time REAL NOT NULL,
        process_time REAL NOT NULL,
        upload_time REAL NOT NULL,
        download_bytes INTEGER NOT NULL,
        upload_bytes INTEGER NOT NULL,
        image_name TEXT NOT NULL,
        image_digest TEXT NOT NULL,
        image_kind TEXT NOT NULL,
        isolation TEXT NOT NULL,
        created REAL NOT NULL,
        started REAL NOT NULL,
        finished REAL NOT NULL,
        digest BLOB NOT NULL,
        UNIQUE (project, pipeline, id)
    ) STRICT""",
    "CREATE INDEX jobs_of_set ON jobs (id)",
    "CREATE INDEX jobs_by_time ON jobs (created)",
    "CREATE INDEX jobs_of_pipeline ON jobs (project, pipeline, created)",
    "CREATE INDEX jobs_unfinished ON jobs (seq) WHERE finished = 0",
)
SCHEMA_2 = (
    "CREATE INDEX jobs_by_state ON jobs (state, created)",
    "ALTER TABLE jobs ADD COLUMN detached INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX jobs_in_line ON jobs (project, pipeline, detached, created) WHERE finished = 0",
    """CREATE INDEX jobs_unexplained ON jobs (project, pipeline, detached, created)
        WHERE finished = 0 AND reason = ''""",
)

SCHEMA_4 = ("ALTER TABLE jobs ADD COLUMN waits INTEGER NOT NULL DEFAULT 0",)
SCHEMA_5 = ("ALTER TABLE jobs ADD COLUMN limits TEXT NOT NULL DEFAULT ''",)

_COLUMNS = (
    "project, pipeline, id, version, state, reason, restarts, processed, skipped, failed, recovered, total, "
    "download_time, process_time, upload_time, download_bytes, upload_bytes, "
    "image_name, image_digest, image_kind, isolation, created, started, finished, detached, waits, limits"
)
_NEAR = 2e-6
"""Seconds that a time may lose on the wire, less than what lies between two jobs."""
_COUNT = len(_COLUMNS.split(","))
_ONE = "project = ? AND pipeline = ? AND id = ?"
_INSERT = f"INSERT INTO jobs ({_COLUMNS}, digest) VALUES ({', '.join('?' * (_COUNT + 1))})"  # noqa: S608 - our own column names
_UPDATE = f"UPDATE jobs SET {_COLUMNS.replace(',', ' = ?,')} = ?, digest = ? WHERE {_ONE}"  # noqa: S608 - our own column names


def insert(tx: Tx, info: JobInfo) -> None:
    """Add a job after all others. The pair of pipeline and id must be new."""
    values = _values(info)
    tx.execute(_INSERT, (*values, _digest(values)))


def update(tx: Tx, info: JobInfo) -> None:
    """Write the job's row anew. Only `pps.jobs.move` and what counts datums may call this."""
    values = _values(info)
    tx.execute(_UPDATE, (*values, _digest(values), *values[:3]))


def get(tx: Tx, job: Job) -> JobInfo | None:
    """The job's record, None when there is none."""
    row = tx.one(f"SELECT {_COLUMNS} FROM jobs WHERE {_ONE}", _key(job))  # noqa: S608 - our own column names
    return None if row is None else _info(row)


def number(tx: Tx, job: Job) -> int | None:
    """The job's place in the order of all jobs, which its datums are filed under."""
    seq: int | None = tx.value(f"SELECT seq FROM jobs WHERE {_ONE}", _key(job))  # noqa: S608 - our own column names
    return seq


def unfinished(tx: Tx, pipeline: Pipeline | None = None) -> list[JobInfo]:
    """Jobs in no terminal state, oldest first: of a pipeline, or of all."""
    if pipeline is None:
        return _infos(tx, "finished = 0 ORDER BY seq", ())
    where = "finished = 0 AND project = ? AND pipeline = ? ORDER BY seq"
    return _infos(tx, where, (pipeline.project, pipeline.name))


def reasons(tx: Tx, pipeline: Pipeline) -> list[tuple[str, str]]:
    """The ids and reasons of a pipeline's unfinished jobs that give one, oldest first.

    Thousands may be in line: nothing else of them is read.
    """
    found = tx.all(
        "SELECT id, reason FROM jobs WHERE finished = 0 AND project = ? AND pipeline = ? AND reason <> ''"
        " ORDER BY seq",
        (pipeline.project, pipeline.name),
    )
    return [(job, reason) for job, reason in found]


def lines(tx: Tx) -> list[tuple[Pipeline, bool]]:
    """The pipelines that have unfinished jobs, by the oldest; a second time for detached ones.

    Those are left out whose every job waits for as many inputs as when that was last written down: nothing
    about them has changed since.
    """
    rows = tx.all(
        """SELECT project, pipeline, detached FROM jobs j WHERE finished = 0 AND NOT (
             state = ? AND NOT detached AND waits > 0 AND waits = (
               SELECT count(*) FROM repos r JOIN commits c ON c.repo = r.id AND c.set_id = j.id
               JOIN commit_provenance p ON p.downstream = c.id JOIN commits u ON u.id = p.upstream
               WHERE r.project = j.project AND r.name = j.pipeline AND r.type = ? AND u.finished = 0))
           GROUP BY project, pipeline, detached ORDER BY min(seq)""",
        (int(JobState.STARTING), USER),
    )
    return [(Pipeline(project, name), bool(detached)) for project, name, detached in rows]


def line(tx: Tx, pipeline: Pipeline, *, detached: bool, first: int) -> list[JobInfo]:
    """The `first` unfinished jobs of a pipeline, oldest first (-1: all), then those that give no reason."""
    key = (pipeline.project, pipeline.name, int(detached))
    where = "finished = 0 AND project = ? AND pipeline = ? AND detached = ?"
    found = _infos(tx, f"{where} ORDER BY created LIMIT ?", (*key, first))
    if first < 0 or len(found) < first:
        return found
    after = "reason = '' AND created > ? ORDER BY created"
    return found + _infos(tx, f"{where} AND {after}", (*key, found[-1].created))


def ahead(tx: Tx, info: JobInfo, number: int) -> str:
    """The id of the unfinished job that stands `number` places before this one in its line."""
    found: str = tx.value(
        "SELECT id FROM jobs WHERE finished = 0 AND project = ? AND pipeline = ? AND detached = ?"
        " AND created < ? ORDER BY created DESC LIMIT 1 OFFSET ?",
        (info.job.pipeline.project, info.job.pipeline.name, int(info.detached), info.created, number - 1),
    )
    return found


def is_followed(tx: Tx, info: JobInfo) -> bool:
    """Whether a job that is not over comes after this one in its line."""
    sql = (
        "SELECT 1 FROM jobs WHERE finished = 0 AND project = ? AND pipeline = ? AND detached = ?"
        " AND created > ? LIMIT 1"
    )
    pipeline = info.job.pipeline
    return tx.one(sql, (pipeline.project, pipeline.name, int(info.detached), info.created)) is not None


def left_behind(tx: Tx) -> list[JobInfo]:
    """Unfinished jobs whose pipeline is gone, stopped or at another version, or that lack an open commit.

    To detached ones only the first and the last applies.
    """
    return _infos(
        tx,
        "finished = 0 AND (NOT EXISTS (SELECT 1 FROM pipelines p WHERE p.project = jobs.project"
        " AND p.name = jobs.pipeline AND (jobs.detached OR p.version = jobs.version AND NOT p.stopped))"
        " OR 2 > (SELECT count(*) FROM commits c JOIN repos r ON r.id = c.repo WHERE c.set_id = jobs.id"
        " AND r.project = jobs.project AND r.name = jobs.pipeline AND r.type IN (?, ?) AND c.finished = 0))"
        " ORDER BY seq",
        (USER, META),
    )


def of_set(tx: Tx, job_set: str) -> list[JobInfo]:
    """The jobs that share a global id, oldest first."""
    return _infos(tx, "id = ? ORDER BY seq", (job_set,))


def of_pipeline(tx: Tx, pipeline: Pipeline) -> list[JobInfo]:
    """All jobs of a pipeline, oldest first."""
    return _infos(tx, "project = ? AND pipeline = ? ORDER BY seq", (pipeline.project, pipeline.name))


def every(tx: Tx) -> list[JobInfo]:
    """All jobs, oldest first."""
    return _infos(tx, "1 ORDER BY seq", ())


def page(
    tx: Tx,
    pipeline: Pipeline | None,
    after: float | None,
    limit: int,
    reverse: bool = False,
    states: Collection[JobState] = (),
) -> list[JobInfo]:
    """Up to `limit` jobs, newest first (`reverse`: oldest first), that come after the creation time `after`.

    No two jobs share a creation time, so the last one's is the marker of the next page. Empty `states` means
    any.
    """
    clauses: list[str] = ["1"]
    params: list[object] = []
    if pipeline is not None:
        clauses.append("project = ? AND pipeline = ?")
        params += [pipeline.project, pipeline.name]
    if states:
        clauses.append(f"state IN ({', '.join(str(int(state)) for state in states)})")
    if after is not None:
        clauses.append("created > ?" if reverse else "created < ?")
        params.append(after + _NEAR if reverse else after - _NEAR)
    order = "ASC" if reverse else "DESC"
    return _infos(tx, f"{' AND '.join(clauses)} ORDER BY created {order} LIMIT ?", (*params, limit))


def newest(tx: Tx, pipeline: Pipeline | None = None) -> JobInfo | None:
    """The job made last: of a pipeline, or of all."""
    found = page(tx, pipeline, None, 1)
    return found[0] if found else None


def last_state(tx: Tx, pipeline: Pipeline, version: int | None = None) -> JobState | None:
    """How the newest job that follows the pipeline's branches stands, or of those of one version."""
    state = tx.value(
        "SELECT state FROM jobs WHERE project = ? AND pipeline = ? AND NOT detached"
        " AND version = coalesce(?, version) ORDER BY created DESC LIMIT 1",
        (pipeline.project, pipeline.name, version),
    )
    return None if state is None else JobState(state)


def delete(tx: Tx, job: Job) -> None:
    """Remove a job's row and, with it, the list of its datums (see `datums.forget` first)."""
    tx.execute(f"DELETE FROM jobs WHERE {_ONE}", _key(job))  # noqa: S608 - our own column names


def damaged(tx: Tx) -> list[Job]:
    """Jobs whose rows do not agree with their own digests."""
    rows = tx.all(f"SELECT {_COLUMNS}, digest FROM jobs ORDER BY seq")  # noqa: S608 - our own column names
    return [
        Job(Pipeline(row[0], row[1]), row[2]) for row in rows if _digest(tuple(row[:_COUNT])) != row[_COUNT]
    ]


def _infos(tx: Tx, where: str, params: tuple[object, ...]) -> list[JobInfo]:
    rows = tx.all(f"SELECT {_COLUMNS} FROM jobs WHERE {where}", params)  # noqa: S608 - our own clauses
    return [_info(row) for row in rows]


def _key(job: Job) -> tuple[str, str, str]:
    return (job.pipeline.project, job.pipeline.name, job.id)


def _values(info: JobInfo) -> tuple[Field, ...]:
    image = info.image or Image("", "", "")
    counts, stats = info.counts, info.stats
    return (
        *_key(info.job),
        info.pipeline_version,
        int(info.state),
        info.reason,
        info.restarts,
        *(counts.processed, counts.skipped, counts.failed, counts.recovered, counts.total),
        *(float(stats.download_time), float(stats.process_time), float(stats.upload_time)),
        *(stats.download_bytes, stats.upload_bytes),
        *(image.name, image.digest, image.kind),
        info.isolation,
        *(float(info.created), float(info.started), float(info.finished)),
        *(int(info.detached), info.waits),
        json.dumps([astuple(limit) for limit in info.limits]) if info.limits else "",
    )


def _digest(values: tuple[Field, ...]) -> bytes:
    """Jobs that are not detached, that wait for no input, or whose limits nobody knows have the digest of
    before any could be.
    """
    *others, detached, waits, limits = values
    later = (("waits", waits), ("limits", limits))
    known = [part for pair in later if pair[1] for part in pair]
    return row_digest("job", *others, *((detached,) if detached else ()), *known)


@lru_cache(maxsize=2048)
def _info(row: Row) -> JobInfo:
    project, pipeline, job_id, version, state, reason, restarts, *rest = row
    job = Job(Pipeline(project, pipeline), job_id)
    image = Image(*rest[10:13])
    return JobInfo(
        job=job,
        pipeline_version=version,
        output_commit=job.output,
        state=JobState(state),
        reason=reason,
        restarts=restarts,
        counts=Counts(*rest[:5]),
        stats=Stats(*rest[5:10]),
        image=image if image.digest else None,
        isolation=rest[13],
        created=rest[14],
        started=rest[15],
        finished=rest[16],
        detached=bool(rest[17]),
        waits=rest[18],
        limits=tuple(Limit(*limit) for limit in json.loads(rest[19])) if rest[19] else (),
    )
