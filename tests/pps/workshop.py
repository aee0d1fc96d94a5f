"""A data folder with pipelines whose stages are Python functions, and short ways to say what happens."""

from __future__ import annotations

import itertools
import json
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calf.db.tx import Tx
from calf.kit.cancel import CancelToken
from calf.model.content import Entry
from calf.model.pps_infos import DatumInfo, JobInfo
from calf.model.refs import Branch, Commit, CommitRef, Datum, Job, Pipeline, Repo
from calf.model.spec import parse
from calf.model.states import TERMINAL_JOB_STATES
from calf.pfs import commits, fsck, repos
from calf.pfs.engine import Pfs
from calf.pps import checks, pipelines
from calf.pps.attest.checking import attest_checks
from calf.pps.engine import Pps
from calf.pps.jobs import delete, inspect, sets, stop
from calf.pps.jobs.catch_up import catch_up
from calf.pps.jobs.datum_list import DatumQuery, inspect_datum, list_datums
from calf.pps.jobs.list_ import JobQuery, list_
from calf.pps.scheduler.loop import Scheduler
from calf.pps.settings import Settings
from calf.storage import trees
from calf.storage.logs import FileLogStore
from calf.storage.trees import DeletePath, PutEntry
from tests.fresh_folder import lay
from tests.pps.stages import ATTESTOR, AnyImage, Stage, StageRunner

Files = Mapping[str, str]


@dataclass
class Workshop:
    """Pipelines are named after nothing but themselves; all is in project default."""

    pps: Pps
    runner: StageRunner
    images: AnyImage
    scheduler: Scheduler
    logs: FileLogStore
    reports: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, root: Path, stages: dict[str, Stage], **settings: Any) -> Workshop:
        """Open or make the folder; `start` then begins or goes on."""
        ticks = itertools.count()
        lock = threading.Lock()

        def clock() -> float:
            with lock:
                return 1_700_000_000.0 + next(ticks) / 1000

        pfs = Pfs.open(lay(root), clock=clock)
        runner, images = StageRunner(pfs.store, stages), AnyImage()
        settings = dict[str, Any](workers=4, datum_identity="pachyderm") | settings
        logs = FileLogStore(root / "logs", clock)
        pps = Pps(pfs, runner, images, logs, Settings(**settings), ATTESTOR)
        reports: list[str] = []

        def report(where: str, error: BaseException) -> None:
            reports.append(f"{where}: {''.join(traceback.format_exception(error))}")

        return cls(pps, runner, images, Scheduler(pps, report, retry_after=0.02), logs, reports)

    @property
    def pfs(self) -> Pfs:
        return self.pps.pfs

    def start(self) -> Workshop:
        self.scheduler.start()
        return self

    def close(self) -> None:
        """Stop as a server does; unfinished jobs stay so."""
        self.scheduler.stop()
        self.pfs.close()
        self.logs.close()
        assert self.runner.open_workers == 0

    def repo(self, *names: str) -> None:
        with self.pfs.transaction() as txn:
            for name in names:
                repos.create(txn, Repo("default", name))

    def put(self, repo: str, files: Files | None = None, delete: Sequence[str] = (), error: str = "") -> str:
        """One commit on master: delete, then write. Gives its id."""
        branch = Branch(Repo("default", repo), "master")
        with self.pfs.transaction() as txn:
            commit = commits.start(txn, branch)
        with self.pfs.store.writer() as writer:
            changes: list[trees.Change] = [DeletePath(path, None) for path in delete]
            for path, text in (files or {}).items():
                changes.append(PutEntry(Entry(path, "default", writer.content(text.encode()))))
            with self.pfs.read() as tx:
                old = commits.root(tx, commit)
            root = trees.apply(writer.get, writer.put, old, changes)
            writer.seal()
        with self.pfs.transaction() as txn:
            commits.set_root(txn, commit, root)
            commits.finish(txn, commit, error=error)
        return commit.id

    def pipeline(
        self, name: str, reads: str | dict[str, Any] = "in:/*", stage: str = "copy", **more: Any
    ) -> str:
        """Create or update a pipeline; gives the set, which is the id of its first job.

        `reads` is `repo:glob`, several with spaces between are crossed; or the input as in a spec.
        """
        transform = {"cmd": [stage], "image": "busybox:1"} | more.pop("transform", {})
        spec = {"pipeline": {"name": name}, "transform": transform, "input": _input(reads)}
        update, reprocess = more.pop("update", False), more.pop("reprocess", False)
        spec |= more
        with self.pfs.transaction() as txn:
            pipelines.create(self.pps, txn, parse(spec), json.dumps(spec), update=update, reprocess=reprocess)
            return txn.set_id

    def wait(self, pipeline: str, job_id: str) -> JobInfo:
        with _deadline() as token:
            return inspect.wait(self.pfs, job(pipeline, job_id), token)

    def wait_set(self, set_id: str) -> list[str]:
        """The states of the jobs of a set once they have ended, upstream first."""
        with _deadline() as token:
            return [info.state.name for info in sets.wait_set(self.pfs, set_id, token)]

    def until(self, pipeline: str, job_id: str, state: str) -> JobInfo:
        """The job once it is in a state."""
        return self._until(pipeline, job_id, lambda info: info.state.name == state)

    def until_counts(self, pipeline: str, job_id: str, **wanted: int) -> JobInfo:
        """The job once it counts its datums so."""
        return self._until(pipeline, job_id, lambda info: counts(info) == wanted)

    def until_reason(self, pipeline: str, job_id: str, reason: str, *, whole: bool = True) -> JobInfo:
        """The job once it gives a reason; unless `whole`, one that begins so."""
        return self._until(
            pipeline, job_id, lambda info: info.reason == reason if whole else info.reason.startswith(reason)
        )

    def _until(self, pipeline: str, job_id: str, wanted: Callable[[JobInfo], bool]) -> JobInfo:
        catch_up(self.pfs)

        def reached(tx: Tx) -> JobInfo | None:
            info = inspect.find(tx, job(pipeline, job_id))
            if not wanted(info) and info.state in TERMINAL_JOB_STATES:
                raise AssertionError(info)
            return info if wanted(info) else None

        with _deadline() as token:
            return self.pfs.db.wait(reached, token)

    def stop_job(self, pipeline: str, job_id: str) -> None:
        catch_up(self.pfs)
        with self.pfs.transaction() as txn:
            stop.stop(txn, job(pipeline, job_id))

    def restart_datum(self, pipeline: str, job_id: str, *filters: str) -> int:
        return self.scheduler.restart_datum(job(pipeline, job_id), filters)

    def pause(self, pipeline: str) -> None:
        with self.pfs.transaction() as txn:
            pipelines.stop(txn, Pipeline("default", pipeline))

    def resume(self, pipeline: str) -> str:
        """Start a stopped pipeline; gives the set, which is the id of its job."""
        with self.pfs.transaction() as txn:
            pipelines.start(self.pps, txn, Pipeline("default", pipeline))
            return txn.set_id

    def delete_job(self, pipeline: str, job_id: str) -> None:
        with self.pfs.transaction() as txn:
            delete.delete(txn, job(pipeline, job_id))

    def jobs(self, pipeline: str, **query: Any) -> list[JobInfo]:
        """All jobs, newest first."""
        return list(list_(self.pfs, JobQuery(Pipeline("default", pipeline), **query)))

    def states(self, pipeline: str) -> list[str]:
        return [info.state.name for info in self.jobs(pipeline)]

    def datums(self, pipeline: str, job_id: str) -> list[DatumInfo]:
        return list(list_datums(self.pfs, DatumQuery(job(pipeline, job_id))))

    def datum(self, pipeline: str, job_id: str, datum_id: str) -> DatumInfo:
        return inspect_datum(self.pfs, Datum(job(pipeline, job_id), datum_id))

    def files(self, repo: str, at: str = "master") -> dict[str, str]:
        """The files of a commit with their contents; `repo.type` for system repos."""
        name, _, type_ = repo.partition(".")
        ref = CommitRef(Repo("default", name, type_ or "user"), at)
        store = self.pfs.store
        with self.pfs.read() as tx:
            root = commits.root(tx, commits.resolve(tx, ref))
        found = trees.entries(store.get, root)
        return {entry.path: b"".join(store.read(entry.content)).decode() for entry in found}

    def commit_error(self, commit: Commit) -> str:
        with self.pfs.read() as tx:
            return commits.inspect(tx, commit).error

    def log(self, pipeline: str, job_id: str) -> list[str]:
        """What was said about the datums of a job."""
        return [line.message for line in self.logs.read(("default", pipeline, job_id)) if line.datum]

    def fsck(self) -> list[str]:
        own = [*checks.checks(self.pfs), *attest_checks(self.pps)]
        every = [*fsck.checks(self.pfs, verify=True), *own]
        return [str(found) for found in fsck.run(self.pfs, every)]


Open = Callable[..., Workshop]
"""Opens the test's data folder: stages by name, and settings."""


def job(pipeline: str, job_id: str) -> Job:
    return Job(Pipeline("default", pipeline), job_id)


def counts(info: JobInfo) -> dict[str, int]:
    """The counters that are not zero."""
    of = info.counts
    named = {"processed": of.processed, "skipped": of.skipped, "failed": of.failed, "recovered": of.recovered}
    return {name: number for name, number in named.items() if number}


def _input(reads: str | dict[str, Any]) -> dict[str, Any]:
    if not isinstance(reads, str):
        return reads
    leaves = [
        {"pfs": {"repo": repo, "glob": glob}} for repo, glob in (part.split(":") for part in reads.split())
    ]
    return leaves[0] if len(leaves) == 1 else {"cross": leaves}


@contextmanager
def _deadline() -> Iterator[CancelToken]:
    """A token that fires after a time that no healthy test needs: a hang becomes a failure."""
    token = CancelToken()
    timer = threading.Timer(20, token.cancel)
    timer.start()
    try:
        yield token
    finally:
        timer.cancel()
