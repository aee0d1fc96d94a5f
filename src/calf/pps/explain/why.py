"""Where a file comes from: the datum that wrote it and what that read, or the commit of whoever put it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from calf.db import commits as commit_rows
from calf.db import datums, jobs, pipelines, statements
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.content import DEFAULT_TAG, Entry
from calf.model.errors import Unfinished, WrongState
from calf.model.pfs_infos import CommitInfo
from calf.model.ports import Cancel
from calf.model.pps_infos import DatumInfo, JobInfo, PipelineInfo
from calf.model.refs import Commit, CommitRef, File, Job, Pipeline
from calf.pfs import commits
from calf.pfs.files import Snapshot, held_snapshot
from calf.pps.engine import Pps
from calf.pps.scheduler import environment
from calf.storage import trees


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one file comes from.

    A stage wrote it: `datum` is the run that did, whose job may be older than the commit (it was skipped
    since), with `job` and `pipeline` (the version that ran) as long as they are on record, and `env`;
    `statement` is the SHA-256 (hex) of what is signed about that job's output. A user wrote it: `commit` is
    where its present content came in.
    """

    file: File
    hash: bytes
    size: int
    datum: DatumInfo | None = None
    job: JobInfo | None = None
    pipeline: PipelineInfo | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    commit: CommitInfo | None = None
    statement: str = ""


def why(pps: Pps, ref: CommitRef, path: str, cancel: Cancel) -> Iterator[Origin]:
    """The origin of a file, or of each file below a directory, in path order.

    Raises `NotFound` for the commit or the path.
    """
    with held_snapshot(pps.pfs, ref, cancel) as snapshot:
        for node in snapshot.find(path):
            for entry in [node.entry] if node.entry else _below(snapshot, node.path):
                with pps.pfs.read() as tx:
                    origin = _origin(pps, tx, snapshot.commit, entry)
                yield origin  # not inside of the read: whoever asks sets the pace


def _below(snapshot: Snapshot, folder: str) -> Iterator[Entry]:
    """The files below a directory, whose path ends in a slash; not a file of the same name."""
    found = trees.entries(snapshot.get, snapshot.root, folder.rstrip("/") or "/")
    return (entry for entry in found if entry.path.startswith(folder))


def _origin(pps: Pps, tx: Tx, commit: Commit, entry: Entry) -> Origin:
    file = File(commit, entry.path, entry.tag)
    datum = None if entry.tag == DEFAULT_TAG else _run(tx, commit, entry.tag)
    if datum is None:
        came_in = _came_in(pps, tx, commit, entry)
        return Origin(file, entry.content.hash, entry.content.size, commit=commits.inspect(tx, came_in))
    job = jobs.get(tx, datum.datum.job)
    version = pipelines.get(tx, datum.datum.job.pipeline, job.pipeline_version) if job else None
    return Origin(
        *(file, entry.content.hash, entry.content.size, datum, job, version),
        env=environment_of(version, datum) if version else {},
        statement=_statement(tx, datum.datum.job),
    )


def _statement(tx: Tx, job: Job) -> str:
    row = commit_rows.get(tx, job.output)
    kept = statements.get(tx, row.id) if row else None
    return kept.sha256 if kept else ""


def environment_of(version: PipelineInfo, datum: DatumInfo) -> dict[str, str]:
    """The variables that a run of a datum saw, but for those that the runner adds."""
    transform = version.spec.transform
    shared = environment.of_worker(version, transform) if transform else {}
    return shared | environment.of_datum(datum.datum.job, datum.datum.id, datum.inputs)


def _run(tx: Tx, commit: Commit, datum_id: str) -> DatumInfo | None:
    """The run of a datum whose output a commit holds: of its own job, or of the one that it was built on."""
    if len(datum_id) != 64:
        return None
    pipeline = Pipeline(commit.repo.project, commit.repo.name)
    row = commit_rows.get(tx, commit)
    for ancestor in commit_rows.line(tx, row.id) if row else ():
        job = Job(pipeline, ancestor.commit.id)
        number = jobs.number(tx, job)
        found = datums.get(tx, job, number, datum_id) if number is not None else None
        if found is not None:
            return found
    return None


def _came_in(pps: Pps, tx: Tx, commit: Commit, entry: Entry) -> Commit:
    """The oldest commit in a row, back from this one, that has the very same file."""
    row = commit_rows.get(tx, commit)
    oldest = commit
    for ancestor in commit_rows.line(tx, row.parent) if row else ():
        if not ancestor.error and not _has(pps, tx, ancestor, entry):
            break
        if not ancestor.error:
            oldest = ancestor.commit
    return oldest


def _has(pps: Pps, tx: Tx, row: CommitRow, entry: Entry) -> bool:
    try:
        root = commits.root(tx, row.commit)
    except (Unfinished, WrongState):  # it is still made, or was forgotten
        return False
    return any(node.entry == entry for node in trees.find(pps.pfs.store.get, root, entry.path))
