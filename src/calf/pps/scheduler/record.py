"""Writing down what became of datums, many at a time: bytes first, then one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from calf.db import datums
from calf.model.errors import Cancelled
from calf.model.limits import Limit
from calf.model.pps_infos import Counts, DatumInfo, JobInfo
from calf.model.states import DatumState, JobState
from calf.pfs.transaction import Txn
from calf.pps.jobs.move import current, save
from calf.pps.scheduler.attempt import Ended
from calf.pps.scheduler.desk import Taken
from calf.pps.scheduler.work import Work, Written
from calf.storage import trees
from calf.storage.batch import Batch
from calf.storage.writer import Writer

_KEPT = 5000
"""Datums whose outputs are remembered until the job's trees are built."""
_FEW_FILES = 8

_COUNTER = {
    DatumState.SUCCESS: "processed",
    DatumState.SKIPPED: "skipped",
    DatumState.FAILED: "failed",
    DatumState.RECOVERED: "recovered",
}


@dataclass(frozen=True, slots=True)
class Results:
    """What became of datums: their records, by id what they put out, as a stored directory and as files by
    path; and the writers that hold these until `seal`.
    """

    infos: Sequence[DatumInfo]
    outputs: Mapping[str, Written]
    isolation: str
    limits: tuple[Limit, ...]
    writers: Sequence[Writer]

    @property
    def writer(self) -> Writer:
        """For what else is to become durable with it."""
        return self.writers[0]

    def seal(self) -> None:
        """Make all of it durable."""
        for writer in self.writers:
            writer.seal()


@contextmanager
def results_of(work: Work, taken: Taken) -> Iterator[Results]:
    """What was taken, the outputs of datums as trees; what was not sealed by the end is forgotten."""
    with ExitStack() as stack:
        stack.callback(taken.close)
        own = () if taken.writers else (stack.enter_context(work.pps.pfs.store.writer(work.hold)),)
        writers = (*taken.writers, *own)
        batch = Batch(writers[0])
        outputs = {ended.task.datum.id: _output(batch, ended) for ended in taken.ended}
        batch.flush()
        infos = [_info(work, ended, outputs[ended.task.datum.id].directory) for ended in taken.ended]
        isolation, limits = (taken.ended[-1].isolation, taken.ended[-1].limits) if taken.ended else ("", ())
        yield Results(infos, outputs, isolation, limits, writers)


def record(work: Work, taken: Taken) -> None:
    """Keep the results of datums, with the job's counts. Raises `Cancelled` when the job has ended."""
    with results_of(work, taken) as results:
        results.seal()
        with work.pps.pfs.transaction() as txn:
            save(txn, write_down(txn, work, results))
        few = {name: wrote for name, wrote in results.outputs.items() if _has_few(wrote)}
        if len(work.written) + len(few) <= _KEPT:
            work.written.update(few)


def write_down(txn: Txn, work: Work, results: Results) -> JobInfo:
    """Keep results that are durable as rows; gives the job with its counts, which is still to be saved.

    Raises `Cancelled` when the job has ended meanwhile.
    """
    info = current(txn, work.job)
    if not results.infos:
        return info
    if info.state is not JobState.RUNNING:
        raise Cancelled(f"job {work.job} is {info.state.name}")
    counts, stats = info.counts, info.stats
    for datum in datums.record(txn.tx, work.number, results.infos):
        counts, stats = counted(counts, datum.state), stats + datum.stats
    return replace(info, counts=counts, stats=stats, isolation=results.isolation, limits=results.limits)


def counted(counts: Counts, state: DatumState, number: int = 1) -> Counts:
    """The counts after `number` more datums ended in `state`."""
    name = _COUNTER[state]
    return replace(counts, **{name: getattr(counts, name) + number})


def _output(batch: Batch, ended: Ended) -> Written:
    files = {entry.path: entry.content for entry in ended.outcome.output}
    relative = {path[1:]: content for path, content in files.items()}
    inputs = None if ended.files is None else {file.path: file.content for file in ended.files}
    return Written(trees.plant(batch.get, batch.put, ended.task.datum.id, relative), files, inputs)


def _has_few(wrote: Written) -> bool:
    return len(wrote.files) + len(wrote.inputs or ()) <= _FEW_FILES


def _info(work: Work, ended: Ended, output: trees.Planted | None) -> DatumInfo:
    return DatumInfo(
        datum=ended.task.datum,
        state=ended.state,
        hash=ended.task.hash,
        inputs=ended.task.inputs,
        reason=ended.outcome.reason,
        stats=ended.outcome.stats,
        image_id=work.image.digest,
        output=output.id if output else None,
    )
