"""What a job leaves behind: its output commit and the commit of its datums' records, each one tree.

A commit is the base's tree, less what the job does not carry over, plus what its datums did: so it costs what
changed, and holds nothing that the datums of this very commit did not write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from calf.db import datums
from calf.model.pps_infos import DatumInfo
from calf.model.states import DatumState
from calf.pfs import commits
from calf.pps import meta
from calf.pps.jobs.end import commits_of
from calf.pps.scheduler import environment
from calf.pps.scheduler.base import Base
from calf.pps.scheduler.layout import input_files
from calf.pps.scheduler.record import Results
from calf.pps.scheduler.work import NOTHING, Work, Written
from calf.storage import trees
from calf.storage.batch import Batch
from calf.storage.contents import Get
from calf.storage.writer import Writer

Root = bytes | None
_AT_ONCE = 500
"""Datums whose outputs are read, and whose records are stored, together."""


@dataclass(frozen=True, slots=True)
class Trees:
    """The roots of the output commit and of the meta commit."""

    output: Root
    meta: Root


def build_trees(work: Work, base: Base | None, results: Results, *, carry_all: bool) -> Trees:
    """Both trees, of what is on record and of `results`; stored in their writer, durable once it is sealed.

    With `carry_all` (a failed job, whose commits nobody builds on) nothing of the base is taken out.
    """
    pfs = work.pps.pfs
    old, stale = Trees(None, None), []
    with work.hold.looking() as note, pfs.read() as tx:
        ran = [*datums.ran(tx, work.job, work.number)]
        if base is not None and base.settled:
            old = Trees(*(commits.root(tx, commit) for commit in commits_of(base.job)))
            stale = [] if carry_all else datums.stale(tx, work.number, base.number)
        for root in (old.output, old.meta, *(it.output for it in ran), *(root for _, root in stale)):
            note(root)
    ran += results.infos  # not in the store yet, where a sweep looks for roots: their writers hold them
    batch = Batch(results.writer)
    output: list[trees.Change] = list(_removed(batch.get, stale))
    records = [change for datum_id, _ in stale for change in meta.removal(datum_id)]
    for start in range(0, len(ran), _AT_ONCE):
        outcomes = _outcomes(work, batch, ran[start : start + _AT_ONCE], results)
        output += _written(outcomes)
        records += _records(work, batch, results.writer, outcomes)
    built = Trees(
        trees.apply(batch.get, batch.put, old.output, output),
        trees.apply(batch.get, batch.put, old.meta, records),
    )
    batch.flush()
    return built


def _outcomes(work: Work, batch: Batch, ran: Sequence[DatumInfo], results: Results) -> list[meta.Ran]:
    """What these datums read and wrote; outputs that are not remembered are read, all at once."""
    known = [results.outputs.get(info.datum.id) or _remembered(work, info) for info in ran]
    roots = [info.output for info, wrote in zip(ran, known, strict=True) if info.output and wrote is None]
    read = dict(zip(roots, work.pps.pfs.store.get_all(roots), strict=True))

    def get(oid: bytes) -> bytes:
        return read.get(oid) or batch.get(oid)

    found = []
    for info, wrote in zip(ran, known, strict=True):
        wrote = wrote or _read(get, info.output)
        inputs = wrote.inputs
        if inputs is None:
            inputs = {file.path: file.content for file in input_files(work, info.inputs)}
        found.append(meta.Ran(info, inputs, wrote.directory, wrote.files))
    return found


def _remembered(work: Work, info: DatumInfo) -> Written | None:
    wrote = work.written.get(info.datum.id)
    directory = wrote.directory if wrote else None
    return wrote if info.output == (directory.id if directory else None) else None


def _read(get: Get, root: Root) -> Written:
    if root is None:
        return NOTHING
    files = {entry.path: entry.content for entry in trees.entries(get, root)}
    return Written(trees.planted(get, root), files)


def _removed(get: Get, stale: Iterable[tuple[str, Root]]) -> Iterator[trees.Change]:
    for datum_id, root in stale:
        for entry in trees.entries(get, root):
            yield trees.DeletePath(entry.path, datum_id)


def _written(outcomes: Iterable[meta.Ran]) -> Iterator[trees.Change]:
    for ran in outcomes:
        if ran.info.state is DatumState.SUCCESS:
            yield trees.PutContents(ran.info.datum.id, ran.files)


def _records(
    work: Work, batch: Batch, writer: Writer, outcomes: Sequence[meta.Ran]
) -> Iterator[trees.Change]:
    shared = environment.of_worker(work.pipeline, work.transform)
    texts: list[bytes] = []
    for ran in outcomes:
        env = shared | environment.of_datum(work.job, ran.info.datum.id, ran.info.inputs)
        texts += meta.texts(ran.info, env)
    stored = iter(writer.contents(texts))
    for ran, *pair in zip(outcomes, stored, stored, strict=True):
        yield from meta.directories(batch.get, batch.put, ran, pair)
