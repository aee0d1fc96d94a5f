"""The datums of a job: listed anew, or taken over from the job before, but for what changed since.

Taking over is exact, not a guess: the list of a job follows from its pipeline's version and from the files of
its inputs. Of two jobs of one version, the later one's list is the earlier one's, less the datums whose files
differ, plus what these are now; and that both tell datums apart by the same rule is tried on one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from calf.db import commits as commit_rows
from calf.db import datums, jobs, provenance
from calf.db.tx import Tx
from calf.model.errors import WrongState
from calf.model.identity import Hasher, datum_hasher, datum_id
from calf.model.pps_infos import DatumInput
from calf.model.refs import Branch, Commit, Datum
from calf.model.spec import Input, sources
from calf.model.states import JobState
from calf.pfs import commits
from calf.pps.datums import Sides, bounded, changed_datums, enumerate_datums, recipe_of
from calf.pps.scheduler.base import Base, choose_base
from calf.pps.scheduler.work import Task, Work

_LISTED = frozenset({JobState.RUNNING, JobState.EGRESSING, JobState.FINISHING, JobState.SUCCESS})


@dataclass(slots=True)
class Listing:
    """The datums of a job. `known` are in memory, in the order of enumeration: all, or, where `base` has the
    others, those that it lacks; `gone` are those of `base` that the job does not have as they were there.
    """

    work: Work
    known: dict[str, Task]
    base: Base | None = None
    gone: set[str] = field(default_factory=set)

    def pick(self, wanted: Collection[str]) -> list[Task]:
        """Those with these ids, in the order of enumeration."""
        if all(identity in self.known for identity in wanted):
            return [task for task in self.known.values() if task.datum.id in wanted]
        found = (task for task in _enumerate(self.work) if task.datum.id in wanted)
        return list(_once(found).values())

    @property
    def is_as_before(self) -> bool:
        """Whether it is the list of the base, datum for datum."""
        return self.base is not None and not self.known and not self.gone

    def write(self, tx: Tx, skip: Base | None = None) -> None:
        """Make it the list of the job in the rows; if that is at hand and no datum is new, what is as it was
        in the settled base `skip` is skipped already.
        """
        if self.base is not None and not _still_listed(tx, self.base):
            self.known, self.base = _all(self.work), None
        rows = [(task.datum.id, task.hash) for task in self.known.values()]
        if self.base is None:
            datums.put_list(tx, self.work.number, rows)
            return
        settled = skip is not None and skip.settled and skip.number == self.base.number
        skips = settled and self.known.keys() <= self.gone
        datums.put_difference(tx, self.work.number, self.base.number, self.gone, rows, skip=skips)


def list_datums(work: Work) -> Listing:
    """The list as it is to be; nothing is written yet."""
    return _from_base(work) or Listing(work, _all(work))


def list_all(work: Work) -> Listing:
    """The same with all datums in memory."""
    return Listing(work, _all(work))


def list_unchanged(tx: Tx, work: Work) -> Listing | None:
    """The list of a job whose inputs hold what they held for the job before it, which is settled; None of
    another.
    """
    row = commit_rows.get(tx, work.output)
    if work.spec.input is None or row is None or not provenance.is_as_before(tx, row.id):
        return None
    base = choose_base(tx, work)
    sides = _sides(tx, work.spec.input, base, work) if base is not None and base.settled else None
    if base is None or sides is None or any(side.old[1] != side.new[1] for side in sides.values()):
        return None
    return Listing(work, {}, base) if _is_alike(tx, work, base, _hasher(work)) else None


def _from_base(work: Work) -> Listing | None:
    node = work.spec.input
    if node is None:
        return None
    hash_of = _hasher(work)
    with work.hold.looking() as note, work.pps.pfs.read() as tx:
        base = choose_base(tx, work)
        if base is None or not _is_alike(tx, work, base, hash_of):
            return None
        sides = _sides(tx, node, base, work)
        for side in (sides or {}).values():
            note(side.old[1])
            note(side.new[1])
    found = None if sides is None else changed_datums(work.pps.pfs.store.get, node, sides)
    if found is None:
        return None
    listing = Listing(work, {}, base)
    for old, new in found:
        if old is not None:
            listing.gone.add(datum_id(old))
        if new is not None:
            task = _task(work, hash_of, new)
            listing.known.setdefault(task.datum.id, task)
    return listing


def _is_alike(tx: Tx, work: Work, base: Base, hash_of: Hasher) -> bool:
    """Whether the base's list is made as this job's would be, and this job has none yet."""
    info, mine = jobs.get(tx, base.job), jobs.get(tx, work.job)
    if info is None or mine is None or info.state not in _LISTED:
        return False
    if info.detached or mine.detached or info.pipeline_version != work.pipeline.version:
        return False
    sample = datums.sample(tx, base.number)
    if sample is None or datums.are_listed(tx, work.number):
        return False
    inputs, digest = sample
    return hash_of(datum_id(inputs), inputs) == digest


def _sides(tx: Tx, node: Input, base: Base, work: Work) -> dict[Branch, Sides] | None:
    """What both jobs read; None when that is not all there any more."""
    before, now = commits.inputs(tx, base.job.output), commits.inputs(tx, work.output)
    found = {}
    for leaf in sources(node):
        branch = leaf.source
        if branch not in before or branch not in now:
            return None
        try:
            found[branch] = Sides(_read(tx, before[branch]), _read(tx, now[branch]))
        except WrongState:  # it was forgotten
            return None
    return found


def _read(tx: Tx, commit: Commit) -> tuple[Commit, bytes | None]:
    return commit, commits.root(tx, commit)


def _still_listed(tx: Tx, base: Base) -> bool:
    info = jobs.get(tx, base.job)
    return info is not None and info.state in _LISTED and jobs.number(tx, base.job) == base.number


def _all(work: Work) -> dict[str, Task]:
    return _once(_enumerate(work))


def _once(found: Iterable[Task]) -> dict[str, Task]:
    tasks: dict[str, Task] = {}
    for task in found:
        tasks.setdefault(task.datum.id, task)
    return tasks


def _enumerate(work: Work) -> Iterator[Task]:
    """All of them; one that comes twice comes twice."""
    pfs, node, hash_of = work.pps.pfs, work.spec.input, _hasher(work)
    if node is None:
        return
    with work.hold.looking() as note, pfs.read() as tx:
        found = enumerate_datums(pfs, tx, node, commits.inputs(tx, work.output), note)
    for inputs in bounded(found):
        yield _task(work, hash_of, inputs)


def _hasher(work: Work) -> Hasher:
    return datum_hasher(work.pipeline.salt, recipe_of(work.pipeline, work.pps.settings))


def _task(work: Work, hash_of: Hasher, inputs: tuple[DatumInput, ...]) -> Task:
    identity = datum_id(inputs)
    return Task(Datum(work.job, identity), hash_of(identity, inputs), inputs)
