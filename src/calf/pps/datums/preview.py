"""The datums that an input would have now, for pipelines that do not exist yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from calf.db.tx import Tx
from calf.model.errors import InvalidSpec
from calf.model.identity import datum_id
from calf.model.pps_infos import DatumInfo
from calf.model.refs import DEFAULT_PROJECT, Branch, Commit, CommitRef, Datum, Job, Pipeline
from calf.model.spec import (
    CronInput,
    Input,
    changed_leaves,
    clocks,
    complete_input,
    sources,
    validate_input,
)
from calf.model.spec.inputs import Leaf
from calf.model.states import DatumState
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pps.datums.combining import bounded
from calf.pps.datums.enumerating import enumerate_datums

_NO_JOB = Job(Pipeline("", ""), "")


def preview(pfs: Pfs, node: Input) -> list[DatumInfo]:
    """The datums that an input has now, by id, in state UNKNOWN and without a job.

    Raises as `upcoming`, and `InvalidArgument` for more than can be put in order.
    """
    return sorted(bounded(upcoming(pfs, node)), key=lambda info: info.datum.id)


def upcoming(pfs: Pfs, node: Input) -> Iterator[DatumInfo]:
    """The same in the order of enumeration, one by one, each once.

    They are taken from the commits that the input names, where it does, and else from the heads of its
    branches; an input with a trigger from what it waits for.

    Raises `FieldError` for a bad input, `InvalidSpec` for one with a clock in it, `NotFound` for a missing
    branch.
    """
    if clocks(node):
        raise InvalidSpec(
            "can't list datums with a cron input, there will be no datums until the pipeline is created"
        )
    plain = changed_leaves(node, _as_it_is)
    validate_input(plain)
    named = sources(complete_input(changed_leaves(node, _untriggered), Pipeline(DEFAULT_PROJECT, "")))
    complete = complete_input(plain, Pipeline(DEFAULT_PROJECT, ""))
    with pfs.store.hold() as hold:
        with hold.looking() as note, pfs.read() as tx:
            heads = {leaf.source: _commit(tx, leaf.source, leaf.commit) for leaf in named}
            datums = enumerate_datums(pfs, tx, complete, heads, note)
        seen: set[str] = set()
        for inputs in datums:
            identity = datum_id(inputs)
            if identity not in seen:
                seen.add(identity)
                yield DatumInfo(Datum(_NO_JOB, identity), DatumState.UNKNOWN, "", inputs)


def _as_it_is(leaf: Leaf) -> Leaf:
    return replace(_untriggered(leaf), commit="")


def _untriggered(leaf: Leaf) -> Leaf:
    if isinstance(leaf, CronInput) or leaf.trigger is None:
        return leaf
    return replace(leaf, trigger=None, branch=leaf.branch or leaf.trigger.branch)


def _commit(tx: Tx, branch: Branch, wanted: str) -> Commit:
    return commits.resolve(tx, CommitRef(branch.repo, wanted or branch.name))
