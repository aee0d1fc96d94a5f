"""What a pipeline brings along to read: a repo for the ticks of each clock, a branch for each trigger."""

from __future__ import annotations

from dataclasses import replace

from calf.db import branches as branch_rows
from calf.db import repos as repo_rows
from calf.kit import rfc3339
from calf.model.errors import AlreadyExists, InvalidArgument, NotFound
from calf.model.pfs_infos import Trigger
from calf.model.pps_infos import PipelineInfo
from calf.model.refs import Branch, Pipeline
from calf.model.spec import CronInput, PipelineSpec, changed_leaves, clocks, sources
from calf.model.spec.errors import naming
from calf.model.spec.inputs import Leaf
from calf.pfs import branches, repos
from calf.pfs.transaction import Txn


def with_starts(spec: PipelineSpec, now: float) -> PipelineSpec:
    """The effective spec with a start for every clock that has none: its first tick comes after `now`."""

    def started(leaf: Leaf) -> Leaf:
        if isinstance(leaf, CronInput) and not leaf.start:
            return replace(leaf, start=rfc3339.format(now))
        return leaf

    return spec if spec.input is None else replace(spec, input=changed_leaves(spec.input, started))


def make_own_inputs(txn: Txn, spec: PipelineSpec, old: PipelineInfo | None) -> None:
    """Make the repos of clocks that are not there yet, and make branches with triggers follow theirs.

    Such a branch keeps its head. Raises `AlreadyExists` for a repo that belongs to somebody else: it would be
    deleted with the pipeline. `FieldError` for a trigger that makes no sense, `NotFound` for its branch.
    """
    known = clocks(old.spec.input) if old else ()
    for clock in clocks(spec.input):
        _make_repo(txn, spec.pipeline, clock, known)
    for leaf in sources(spec.input):
        if leaf.trigger is not None:
            with naming("input"):
                _follow(txn, leaf.source, leaf.trigger)


def drop_clocks(txn: Txn, spec: PipelineSpec) -> None:
    """Delete the repos of the clocks: without the pipeline nobody would tick."""
    repos.delete_several(txn, [clock.files.source.repo for clock in clocks(spec.input)], force=True)


def _follow(txn: Txn, branch: Branch, trigger: Trigger) -> None:
    row = branch_rows.get(txn.tx, branch)
    if row is not None and branch_rows.upstream_ids(txn.tx, row.id):
        raise InvalidArgument(
            "a branch cannot have both provenance and a trigger",
            f"{branch} is written by a pipeline: let the trigger make a branch of its own, by naming none",
        )
    try:
        branches.create(txn, branch, trigger=trigger)
    except NotFound as error:
        followed = f"{branch.repo.name}@{trigger.branch}"
        error.field = error.field or "input"
        error.hint = (
            f"put files to {followed} first, or make it empty with `pachctl create branch {followed}`"
        )
        raise


def _make_repo(txn: Txn, pipeline: Pipeline, clock: CronInput, known: tuple[CronInput, ...]) -> None:
    branch, label = clock.files.source, f"Cron tick repo for pipeline {pipeline}."
    row = repo_rows.get(txn.tx, branch.repo)
    if row is None:
        repos.create(txn, branch.repo, label)
    elif row.description != label and branch not in [other.files.source for other in known]:
        raise AlreadyExists(
            f"repo {branch.repo} already exists",
            f"input {clock.name} ticks in a repo of its own: give the input another name, or delete the repo",
        )
    if branch_rows.get(txn.tx, branch) is None:
        branches.create(txn, branch)
