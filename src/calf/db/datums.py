"""Datums of jobs: which ones a job has, what became of each, and the run that each one's output comes from.

A *run* is a datum's work in the job that really did it; every later job that skips the datum points at the
same run, so a skip costs one small row, and the identity of what it copies is there to be checked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping

from calf.db.digest import Sealed
from calf.db.tx import Row, Tx
from calf.model.pps_infos import Counts, DatumInfo, DatumInput, Stats
from calf.model.refs import Commit, Datum, Job, Pipeline, Repo
from calf.model.states import DatumState

SCHEMA = (
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        project TEXT NOT NULL,
        pipeline TEXT NOT NULL,
        job TEXT NOT NULL,
        datum BLOB NOT NULL,
        hash BLOB NOT NULL,
        state INTEGER NOT NULL,
        reason TEXT NOT NULL,
        download_time REAL NOT NULL,
        process_time REAL NOT NULL,
        upload_time REAL NOT NULL,
        download_bytes INTEGER NOT NULL,
        upload_bytes INTEGER NOT NULL,
        image TEXT NOT NULL,
        inputs TEXT NOT NULL,
        output BLOB
    ) STRICT""",
    """CREATE TABLE datums (
        job INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
        datum BLOB NOT NULL,
        hash BLOB NOT NULL,
        state INTEGER NOT NULL,
        run INTEGER REFERENCES runs (id),
        PRIMARY KEY (job, datum)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX datums_of_run ON datums (run) WHERE run IS NOT NULL",
)
RUNS = Sealed(
    "runs",
    ("id",),
    (
        *("project", "pipeline", "job", "datum", "hash", "state", "reason", "download_time", "process_time"),
        *("upload_time", "download_bytes", "upload_bytes", "image", "inputs", "output"),
    ),
)
SCHEMA_4 = (RUNS.add_column, RUNS.seal_all)
_INSERT_RUN = f"INSERT INTO runs ({', '.join(RUNS.columns)}, digest) VALUES ({'?, ' * len(RUNS.columns)}?)"  # noqa: S608 - our own names

_UNKNOWN, _SUCCESS, _SKIPPED = int(DatumState.UNKNOWN), int(DatumState.SUCCESS), int(DatumState.SKIPPED)
_RUN = (
    "r.project, r.pipeline, r.job, r.reason, r.download_time, r.process_time, r.upload_time, "
    "r.download_bytes, r.upload_bytes, r.image, r.inputs, r.output"
)


def ids(tx: Tx, job: int, *states: DatumState) -> set[str]:
    """The job's datums, all or those in `states`. `job` is its number (`jobs.number`), here and below."""
    marks = ", ".join("?" * len(states))
    where = f" AND state IN ({marks})" if states else ""
    rows = tx.all(f"SELECT datum FROM datums WHERE job = ?{where}", (job, *map(int, states)))  # noqa: S608 - only marks
    return {row[0].hex() for row in rows}


def unknown(tx: Tx, job: int, but_of: int | None) -> set[str]:
    """The job's datums without a result, those that the job `but_of` has too left out."""
    rows = tx.all(
        """SELECT datum FROM datums d WHERE job = ? AND state = ?
           AND NOT EXISTS (SELECT 1 FROM datums b WHERE b.job = ? AND b.datum = d.datum)""",
        (job, _UNKNOWN, but_of),
    )
    return {row[0].hex() for row in rows}


def are_listed(tx: Tx, job: int) -> bool:
    """Whether the job has any datums."""
    return tx.one("SELECT 1 FROM datums WHERE job = ? LIMIT 1", (job,)) is not None


def sample(tx: Tx, job: int) -> tuple[tuple[DatumInput, ...], str] | None:
    """The inputs and the hash of some datum of the job that has a result; None when none has."""
    row = tx.one(
        "SELECT r.inputs, d.hash FROM datums d JOIN runs r ON r.id = d.run AND r.hash = d.hash"
        " WHERE d.job = ? LIMIT 1",
        (job,),
    )
    return None if row is None else (_unpack(row[0]), row[1].hex())


def put_difference(
    tx: Tx, job: int, base: int, gone: Iterable[str], wanted: Iterable[tuple[str, str]], *, skip: bool
) -> None:
    """Make the list of `base`, less the datums `gone`, with those `wanted` as in `put_list`, that of a job
    that has none yet. All of them wait; with `skip`, only `wanted` do and what did not succeed in `base`.
    """
    tx.execute(
        """INSERT INTO datums (job, datum, hash, state, run)
           SELECT ?1, b.datum, b.hash, iif(r.id IS NULL, ?2, ?3), r.id FROM datums b
           LEFT JOIN runs r ON ?4 AND b.state IN (?5, ?3)
             AND r.id = b.run AND r.hash = b.hash AND r.state = ?5
           WHERE b.job = ?6 ORDER BY b.datum""",
        (job, _UNKNOWN, _SKIPPED, int(skip), _SUCCESS, base),
    )
    keys = ((job, bytes.fromhex(datum)) for datum in gone)
    tx.many("DELETE FROM datums WHERE job = ? AND datum = ?", keys)
    rows = ((job, bytes.fromhex(datum), bytes.fromhex(digest), _UNKNOWN) for datum, digest in wanted)
    tx.many("INSERT OR REPLACE INTO datums (job, datum, hash, state) VALUES (?, ?, ?, ?)", rows)


def put_list(tx: Tx, job: int, wanted: Iterable[tuple[str, str]]) -> None:
    """Make `wanted`, pairs of datum id and hash, the list of the job.

    What already ran in this very job with the same hash keeps its result (a restart goes on where it was);
    all else waits again.
    """
    own = tx.all(
        "SELECT datum, hash, state, run FROM datums WHERE job = ? AND state != ? AND run NOT NULL",
        (job, _SKIPPED),
    )
    done = {(row[0], row[1]): (row[2], row[3]) for row in own}
    keys = sorted((bytes.fromhex(datum), bytes.fromhex(digest)) for datum, digest in wanted)
    tx.execute("DELETE FROM datums WHERE job = ?", (job,))
    tx.many(
        "INSERT INTO datums (job, datum, hash, state, run) VALUES (?, ?, ?, ?, ?)",
        ((job, *key, *done.get(key, (_UNKNOWN, None))) for key in keys),
    )


def skip(tx: Tx, job: int, base: int) -> int:
    """Let each waiting datum that succeeded in `base` with the same hash point at that run; says how many."""
    return tx.execute(
        """UPDATE datums SET state = ?, run = b.run
           FROM datums AS b JOIN runs AS r ON r.id = b.run
           WHERE datums.job = ? AND datums.state = ? AND b.job = ? AND b.datum = datums.datum
             AND b.hash = datums.hash AND b.state IN (?, ?) AND r.hash = b.hash AND r.state = ?""",
        (_SKIPPED, job, _UNKNOWN, base, _SUCCESS, _SKIPPED, _SUCCESS),
    ).rowcount


def record(tx: Tx, job: int, results: Iterable[DatumInfo]) -> list[DatumInfo]:
    """Write down what became of datums that waited, and give those; no result is ever replaced."""
    recorded = []
    for info in results:
        key = bytes.fromhex(info.datum.id)
        sql = "SELECT hash FROM datums WHERE job = ? AND datum = ? AND state = ?"
        if tx.value(sql, (job, key, _UNKNOWN)) == bytes.fromhex(info.hash):
            sql = "UPDATE datums SET state = ?, run = ? WHERE job = ? AND datum = ?"
            tx.execute(sql, (int(info.state), _insert_run(tx, info), job, key))
            recorded.append(info)
    return recorded


def get(tx: Tx, job: Job, seq: int, datum_id: str) -> DatumInfo | None:
    """One datum of a job, None when the job has no such datum or it has no result yet."""
    found = _select(tx, job, "d.job = ? AND d.datum = ?", (seq, bytes.fromhex(datum_id)))
    return found[0] if found else None


def page(
    tx: Tx,
    job: Job,
    seq: int,
    *,
    after: str | None,
    limit: int,
    reverse: bool = False,
    states: Collection[DatumState] = (),
) -> list[DatumInfo]:
    """Up to `limit` datums with a result, by id, that come after the id `after`. Empty `states`: in any."""
    clauses, params = ["d.job = ?"], [seq] + ([] if after is None else [bytes.fromhex(after)])
    if after is not None:
        clauses.append("d.datum < ?" if reverse else "d.datum > ?")
    if states:
        clauses.append(f"d.state IN ({', '.join(str(int(state)) for state in states)})")
    order = f"ORDER BY d.datum {'DESC' if reverse else 'ASC'} LIMIT ?"
    return _select(tx, job, f"{' AND '.join(clauses)} {order}", (*params, limit))


def _select(tx: Tx, job: Job, where: str, params: tuple[object, ...]) -> list[DatumInfo]:
    rows = tx.all(
        f"""SELECT d.datum, d.hash, d.state, {_RUN} FROM datums d JOIN runs r ON r.id = d.run
            WHERE {where}""",  # noqa: S608 - our own clauses
        params,
    )
    return [_info(job, row) for row in rows]


def ran(tx: Tx, job: Job, seq: int) -> Iterator[DatumInfo]:
    """The datums that did their work in this very job, by id."""
    rows = tx.all(
        f"""SELECT d.datum, d.hash, d.state, {_RUN} FROM datums d JOIN runs r ON r.id = d.run
            WHERE d.job = ? AND d.state != ? ORDER BY d.datum""",  # noqa: S608 - our own column names
        (seq, _SKIPPED),
    )
    return (_info(job, row) for row in rows)


def stale(tx: Tx, job: int, base: int) -> list[tuple[str, bytes | None]]:
    """Datums of `base` that the job does not carry over, with the roots of their outputs, by id."""
    rows = tx.all(
        """SELECT b.datum, r.output FROM datums b JOIN runs r ON r.id = b.run
           LEFT JOIN datums j ON j.job = ? AND j.datum = b.datum
           WHERE b.job = ? AND j.run IS NOT b.run ORDER BY b.datum""",
        (job, base),
    )
    return [(row[0].hex(), row[1]) for row in rows]


def counts(tx: Tx, job: int) -> Counts:
    """How the job's datums fare, counted from the rows."""
    by_state: dict[int, int] = dict(
        tx.all("SELECT state, count(*) FROM datums WHERE job = ? GROUP BY state", (job,))
    )
    return _counts(by_state)


def counts_of_all(tx: Tx) -> dict[Job, Counts]:
    """As `counts`, of every job that has datums."""
    by_job: dict[Job, dict[int, int]] = {}
    for project, pipeline, job, state, number in tx.all(
        """SELECT j.project, j.pipeline, j.id, d.state, count(*) FROM datums d JOIN jobs j ON j.seq = d.job
           GROUP BY d.job, d.state"""
    ):
        by_job.setdefault(Job(Pipeline(project, pipeline), job), {})[state] = number
    return {job: _counts(by_state) for job, by_state in by_job.items()}


def waiting(tx: Tx, pipeline: Pipeline) -> int:
    """How many datums of unfinished jobs of a pipeline have no result yet."""
    found: int = tx.value(
        """SELECT count(*) FROM jobs j JOIN datums d ON d.job = j.seq
           WHERE j.finished = 0 AND j.project = ? AND j.pipeline = ? AND d.state = ?""",
        (pipeline.project, pipeline.name, _UNKNOWN),
    )
    return found


def stats(tx: Tx, job: int) -> Stats:
    """What the work done in this very job cost."""
    row = tx.one(
        """SELECT total(r.download_time), total(r.process_time), total(r.upload_time),
                  coalesce(sum(r.download_bytes), 0), coalesce(sum(r.upload_bytes), 0)
           FROM datums d JOIN runs r ON r.id = d.run WHERE d.job = ? AND d.state != ?""",
        (job, _SKIPPED),
    )
    return Stats(*row) if row else Stats()


def unfounded_skips(tx: Tx) -> list[tuple[Job, str]]:
    """Skipped datums that point at a run of another identity or pipeline, or at none that succeeded."""
    rows = tx.all(
        """SELECT j.project, j.pipeline, j.id, d.datum FROM datums d JOIN jobs j ON j.seq = d.job
           LEFT JOIN runs r ON r.id = d.run WHERE d.state = ? AND NOT coalesce(r.state = ? AND r.hash = d.hash
             AND r.datum = d.datum AND r.project = j.project AND r.pipeline = j.pipeline, 0)""",
        (_SKIPPED, _SUCCESS),
    )
    return [(Job(Pipeline(row[0], row[1]), row[2]), row[3].hex()) for row in rows]


def jobs_of(tx: Tx, datum_id: str) -> list[Job]:
    """The jobs that did the work of a datum, oldest first."""
    rows = tx.all(
        "SELECT DISTINCT project, pipeline, job FROM runs WHERE datum = ? ORDER BY id",
        (bytes.fromhex(datum_id),),
    )
    return [Job(Pipeline(row[0], row[1]), row[2]) for row in rows]


def outputs(tx: Tx) -> list[tuple[Job, str, bytes]]:
    """The job and datum of every run, with the root of what it wrote."""
    rows = tx.all("SELECT project, pipeline, job, datum, output FROM runs WHERE output NOT NULL ORDER BY id")
    return [(Job(Pipeline(row[0], row[1]), row[2]), row[3].hex(), row[4]) for row in rows]


def inputs_of_all(tx: Tx) -> Iterator[tuple[Job, str, tuple[DatumInput, ...]]]:
    """What every datum read, in the job that did its work, job by job."""
    rows = tx.all(
        """SELECT j.project, j.pipeline, j.id, d.datum, r.inputs FROM datums d JOIN jobs j ON j.seq = d.job
           JOIN runs r ON r.id = d.run WHERE d.state != ? ORDER BY d.job, d.datum""",
        (_SKIPPED,),
    )
    return ((Job(Pipeline(row[0], row[1]), row[2]), row[3].hex(), _unpack(row[4])) for row in rows)


def forget(tx: Tx, job: int) -> None:
    """Remove the job's list, and the runs that no other job points at."""
    runs = tx.all("SELECT run FROM datums WHERE job = ? AND run NOT NULL", (job,))
    tx.execute("DELETE FROM datums WHERE job = ?", (job,))
    tx.many("DELETE FROM runs WHERE id = ? AND NOT EXISTS (SELECT 1 FROM datums WHERE run = runs.id)", runs)


def forget_runs(tx: Tx) -> int:
    """Remove the runs that no job points at, as a job leaves them that was begun anew; says how many."""
    return tx.execute("DELETE FROM runs WHERE NOT EXISTS (SELECT 1 FROM datums WHERE run = runs.id)").rowcount


def _counts(by_state: Mapping[int, int]) -> Counts:
    return Counts(
        processed=by_state.get(_SUCCESS, 0),
        skipped=by_state.get(_SKIPPED, 0),
        failed=by_state.get(int(DatumState.FAILED), 0),
        recovered=by_state.get(int(DatumState.RECOVERED), 0),
        total=sum(by_state.values()),
    )


def _insert_run(tx: Tx, info: DatumInfo) -> int:
    job, cost = info.datum.job, info.stats
    values = (
        *(job.pipeline.project, job.pipeline.name, job.id),
        *(bytes.fromhex(info.datum.id), bytes.fromhex(info.hash), int(info.state), info.reason),
        *(float(cost.download_time), float(cost.process_time), float(cost.upload_time)),
        *(cost.download_bytes, cost.upload_bytes),
        *(info.image_id, _pack(info.inputs), info.output),
    )
    return tx.insert(_INSERT_RUN, (*values, RUNS.digest(*values)))


def _info(job: Job, row: Row) -> DatumInfo:
    datum, digest, state, project, pipeline, ran_in, reason, *rest = row
    where = Job(Pipeline(project, pipeline), ran_in) if state == _SKIPPED else job
    return DatumInfo(
        datum=Datum(where, datum.hex()),
        state=DatumState(state),
        hash=digest.hex(),
        inputs=_unpack(rest[6]),
        reason=reason,
        stats=Stats(*rest[:5]),
        image_id=rest[5],
        output=rest[7],
    )


def _pack(inputs: Iterable[DatumInput]) -> str:
    rows = [
        (
            *(item.name, item.repo.project, item.repo.name, item.repo.type, item.branch, item.commit.id),
            *(item.path, item.hash.hex(), item.size, item.join_on, item.group_by),
            *(item.lazy, item.empty_files, item.reference),
        )
        for item in inputs
    ]
    return json.dumps(rows, separators=(",", ":"))


def _unpack(text: str) -> tuple[DatumInput, ...]:
    inputs = []
    for name, project, repo_name, repo_type, branch, commit, path, digest, *rest in json.loads(text):
        repo = Repo(project, repo_name, repo_type)
        inputs.append(
            DatumInput(name, repo, branch, Commit(repo, commit), path, bytes.fromhex(digest), *rest)
        )
    return tuple(inputs)
