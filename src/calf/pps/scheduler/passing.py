"""Jobs that have nothing to do, since what they read holds what it held when the job before them succeeded.

Such a job ends on that one's trees, and then the jobs that read its output may have nothing to do either. So
a whole chain is over in one transaction, and needs no thread. Whatever is not as simple as that is left as it
was, for `process`, which comes to the same end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from calf.db import branches, jobs
from calf.db.tx import Tx
from calf.model.pps_infos import Image
from calf.model.refs import Job, Repo
from calf.model.statement.facts import ImageFacts
from calf.model.states import PipelineType
from calf.pfs.transaction import Txn
from calf.pps.attest.attesting import describe_sound
from calf.pps.jobs.end import closed_by_others
from calf.pps.pipelines.egress import egress_url
from calf.pps.scheduler.begin import Begun, begin_within, may_skip, tell_begun
from calf.pps.scheduler.listing import Listing, list_unchanged
from calf.pps.scheduler.plan import Step, Verb, by_line
from calf.pps.scheduler.work import Shared, Work
from calf.storage.holds import Hold

_MOST_DATUMS = 1000
"""Of a job: taking over a longer list takes its time, in which nobody else could write."""
_AT_ONCE = 20
"""Jobs in one transaction: others want to write, too, and a tick has more to do."""


class _NotSimple(Exception):
    """Undoes what was begun of a job that has something to do after all."""


@dataclass(slots=True)
class _Passing:
    """One transaction's worth: what is known of images, those that are `wanted` besides, and what is over."""

    shared: Shared
    hold: Hold
    active: Collection[Job]
    facts: Mapping[Image, ImageFacts | None]
    wanted: set[Image] = field(default_factory=set)
    over: list[tuple[Work, Begun]] = field(default_factory=list)


def pass_by(shared: Shared, active: Collection[Job], steps: Iterable[Step]) -> bool:
    """End those jobs of `steps`, none of them `active`, that have nothing to do, and those that follow.

    Says whether there were any.
    """
    pfs, over = shared.pps.pfs, 0
    with pfs.store.hold() as hold:
        passing = _Passing(shared, hold, active, {})
        with pfs.read() as tx:
            passing.wanted = {work.image for work, _ in _unchanged(tx, passing, steps)}
        while missing := passing.wanted - passing.facts.keys():
            facts = {**passing.facts, **{image: describe_sound(shared.pps, image) for image in missing}}
            passing = _Passing(shared, hold, active, facts)
            with pfs.transaction() as txn:
                while _pass_all(txn, passing):
                    pass  # a line that was looked at before may go on
                for work, begun in passing.over:  # before anybody sees that they are over
                    tell_begun(work, begun)
            over += len(passing.over)
    return over > 0


def _pass_all(txn: Txn, passing: _Passing) -> bool:
    """End what can be ended, in the order of inputs as far as possible; whether there was anything."""
    before = len(passing.over)
    steps = (step for line in by_line(txn.tx) for step in line[:1])  # what comes after it has to wait for it
    for work, listing in _unchanged(txn.tx, passing, steps):
        if work.image not in passing.facts:
            passing.wanted.add(work.image)
        elif facts := passing.facts[work.image]:
            with suppress(_NotSimple):
                passing.over.append((work, _pass(work, listing, facts)))
        if len(passing.over) >= _AT_ONCE:
            return False
    return len(passing.over) > before


def _pass(work: Work, listing: Listing, facts: ImageFacts) -> Begun:
    with work.pps.pfs.transaction() as txn:
        begun = begin_within(txn, work, listing, facts)
        if not begun.over:
            raise _NotSimple
        return begun


def _unchanged(tx: Tx, passing: _Passing, steps: Iterable[Step]) -> Iterator[tuple[Work, Listing]]:
    """Those jobs that may run and whose list of datums is that of a job before them, as it stands."""
    watched = {row.branch.repo for row in branches.triggered(tx)}
    for step in steps:
        if not _may_be_simple(passing, step, watched) or closed_by_others(tx, step.job.job):
            continue
        if work := _work(tx, passing, step):
            listing = list_unchanged(tx, work)
            info = jobs.get(tx, listing.base.job) if listing and listing.base else None
            if listing and info and info.counts.total <= _MOST_DATUMS:
                yield work, listing


def _may_be_simple(passing: _Passing, step: Step, watched: Collection[Repo]) -> bool:
    """Whether nothing else is to be done. A commit that a trigger may follow ends in a transaction of its
    own, since triggers count commits one by one.
    """
    info, spec = step.job, step.pipeline.spec
    if step.verb is not Verb.RUN or info.detached or step.pipeline.type is not PipelineType.TRANSFORM:
        return False
    is_plain = may_skip(spec) and not egress_url(spec)
    return is_plain and info.job not in passing.active and info.job.pipeline.repo not in watched


def _work(tx: Tx, passing: _Passing, step: Step) -> Work | None:
    job, pipeline = step.job.job, step.pipeline
    number = jobs.number(tx, job)
    if number is None or pipeline.spec.transform is None or pipeline.image is None:
        return None
    shared = passing.shared
    return Work(shared, job, number, pipeline, pipeline.spec.transform, pipeline.image, passing.hold)
