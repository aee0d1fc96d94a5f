"""Writing down what became of datums, many at a time: bytes first, then one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from calf.db import datums
from calf.model.errors import Cancelled
from calf.model.pps_infos import Counts, DatumInfo
from calf.model.states import DatumState, JobState
from calf.pps.jobs.move import current, save
from calf.pps.scheduler.attempt import Ended
from calf.pps.scheduler.work import Work
from calf.storage import trees
from calf.storage.writer import Writer

_COUNTER = {
    DatumState.SUCCESS: "processed",
    DatumState.SKIPPED: "skipped",
    DatumState.FAILED: "failed",
    DatumState.RECOVERED: "recovered",
}


def record(work: Work, batch: Sequence[Ended], writers: Sequence[Writer] = ()) -> None:
    """Keep the outputs of datums as trees, and their results as rows, with the job's counts.

    What `writers` hold of them is made durable before, and they are closed. Raises `Cancelled` when the job
    has ended meanwhile.
    """
    pfs = work.pps.pfs
    with ExitStack() as stack:
        every = [stack.enter_context(writer) for writer in writers or (pfs.store.writer(work.hold),)]
        infos = [_info(work, every[0], ended) for ended in batch]
        for writer in every:
            writer.seal()
    with pfs.transaction() as txn:
        info = current(txn, work.job)
        if info.state is not JobState.RUNNING:
            raise Cancelled(f"job {work.job} is {info.state.name}")
        counts, stats = info.counts, info.stats
        for datum in datums.record(txn.tx, work.number, infos):
            counts, stats = counted(counts, datum.state), stats + datum.stats
        save(txn, replace(info, counts=counts, stats=stats, isolation=batch[-1].isolation))


def counted(counts: Counts, state: DatumState, number: int = 1) -> Counts:
    """The counts after `number` more datums ended in `state`."""
    name = _COUNTER[state]
    return replace(counts, **{name: getattr(counts, name) + number})


def _info(work: Work, writer: Writer, ended: Ended) -> DatumInfo:
    puts = [trees.PutEntry(entry) for entry in ended.outcome.output]
    return DatumInfo(
        datum=ended.task.datum,
        state=ended.state,
        hash=ended.task.hash,
        inputs=ended.task.inputs,
        reason=ended.outcome.reason,
        stats=ended.outcome.stats,
        image_id=work.image.digest,
        output=trees.apply(writer.get, writer.put, None, puts),
    )
