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
from calf.pps.scheduler.work import Work
from calf.storage import trees
from calf.storage.writer import Writer

Root = bytes | None
_AT_ONCE = 500
"""Datums whose records are stored together."""


@dataclass(frozen=True, slots=True)
class Trees:
    """The roots of the output commit and of the meta commit."""

    output: Root
    meta: Root


def build_trees(work: Work, base: Base | None, *, carry_all: bool) -> Trees:
    """Both trees, durably stored.

    With `carry_all` (a failed job, whose commits nobody builds on) nothing of the base is taken out.
    """
    pfs = work.pps.pfs
    old, stale = Trees(None, None), []
    with work.hold.looking() as note, pfs.read() as tx:
        ran = list(datums.ran(tx, work.job, work.number))
        if base is not None and base.settled:
            old = Trees(*(commits.root(tx, commit) for commit in commits_of(base.job)))
            stale = [] if carry_all else datums.stale(tx, work.number, base.number)
        for root in (old.output, old.meta, *(it.output for it in ran), *(root for _, root in stale)):
            note(root)
    with pfs.store.writer(work.hold) as writer:
        output = [*_removed(writer, stale), *_written(writer, ran)]
        records = [change for datum_id, _ in stale for change in meta.removal(datum_id)]
        records += _records(work, writer, ran)
        built = Trees(
            trees.apply(writer.get, writer.put, old.output, output),
            trees.apply(writer.get, writer.put, old.meta, records),
        )
        writer.seal()
    return built


def _removed(writer: Writer, stale: Iterable[tuple[str, Root]]) -> Iterator[trees.Change]:
    for datum_id, root in stale:
        for entry in trees.entries(writer.get, root):
            yield trees.DeletePath(entry.path, datum_id)


def _written(writer: Writer, ran: Iterable[DatumInfo]) -> Iterator[trees.Change]:
    for info in ran:
        if info.state is DatumState.SUCCESS:
            for entry in trees.entries(writer.get, info.output):
                yield trees.PutEntry(entry)


def _records(work: Work, writer: Writer, ran: Sequence[DatumInfo]) -> Iterator[trees.Change]:
    shared = environment.of_worker(work.pipeline, work.transform)
    for start in range(0, len(ran), _AT_ONCE):
        infos = ran[start : start + _AT_ONCE]
        envs = (shared | environment.of_datum(work.job, info.datum.id, info.inputs) for info in infos)
        texts = [text for info, env in zip(infos, envs, strict=True) for text in meta.texts(info, env)]
        stored = iter(writer.contents(texts))
        for info, *pair in zip(infos, stored, stored, strict=True):
            yield from meta.entries(writer.get, info, pair, input_files(work, info.inputs))
