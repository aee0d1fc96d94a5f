"""The datums that an input would have now, for pipelines that do not exist yet."""

from __future__ import annotations

from calf.model.errors import InvalidSpec
from calf.model.identity import datum_id
from calf.model.pps_infos import DatumInfo, DatumInput
from calf.model.refs import DEFAULT_PROJECT, CommitRef, Datum, Job, Pipeline
from calf.model.spec import CronInput, Input, complete_input, leaves, sources, validate_input
from calf.model.states import DatumState
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pps.datums.enumerating import enumerate_datums

_NO_JOB = Job(Pipeline("", ""), "")


def preview(pfs: Pfs, node: Input) -> list[DatumInfo]:
    """The datums over the heads of the input branches, by id, in state UNKNOWN and without a job.

    Raises `FieldError` for a bad input, `InvalidSpec` for one with a clock in it, `NotFound` for a missing
    branch.
    """
    validate_input(node)
    if any(isinstance(leaf, CronInput) for leaf in leaves(node)):
        raise InvalidSpec(
            "can't list datums with a cron input, there will be no datums until the pipeline is created"
        )
    node = complete_input(node, Pipeline(DEFAULT_PROJECT, ""))
    branches = [leaf.source for leaf in sources(node)]
    found: dict[str, tuple[DatumInput, ...]] = {}
    with pfs.read() as tx:
        heads = {branch: commits.resolve(tx, CommitRef(branch.repo, branch.name)) for branch in branches}
        for inputs in enumerate_datums(pfs, tx, node, heads):
            found.setdefault(datum_id(inputs), inputs)
    return [
        DatumInfo(Datum(_NO_JOB, identity), DatumState.UNKNOWN, "", inputs)
        for identity, inputs in sorted(found.items())
    ]
