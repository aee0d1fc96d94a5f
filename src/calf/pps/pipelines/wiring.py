"""The repos and branches of a pipeline, and their place in the DAG."""

from __future__ import annotations

from calf.db import branches as branch_rows
from calf.db import repos as repo_rows
from calf.kit.fieldpath import child
from calf.model.errors import AlreadyExists, NotFound
from calf.model.refs import Branch, Commit, Pipeline
from calf.model.spec import CronInput, Input, PipelineSpec, complete_input, placed_leaves, sources
from calf.model.spec.errors import naming
from calf.model.states import PipelineType
from calf.pfs import branches, commits, repos
from calf.pfs.rows import repo_row
from calf.pfs.transaction import Txn

_REPOS = (("Output repo for pipeline {}.", "repo"), ("Spec repo for pipeline {}.", "spec_repo"))
_META = ("Meta repo for pipeline {}", "meta_repo")
"""Pachyderm's own texts, of which only this one has no full stop."""
SPEC_BRANCH = "master"


def check_name_is_free(txn: Txn, pipeline: Pipeline) -> None:
    """Raise `AlreadyExists` for a repo of that name."""
    if repo_rows.get(txn.tx, pipeline.repo) is not None:
        raise AlreadyExists(
            f'pipeline "{pipeline.name}" cannot be created because a repo with the same name already exists',
            "give the pipeline another name, or delete the repo",
        )


def make_repos(txn: Txn, spec: PipelineSpec) -> None:
    """Make those of its repos that are missing; only what has datums has a meta repo.

    Raises `NotFound` without project.
    """
    pipeline = spec.pipeline
    for description, attribute in (*_REPOS, _META) if spec.type is PipelineType.TRANSFORM else _REPOS:
        repo = getattr(pipeline, attribute)
        if repo_rows.get(txn.tx, repo) is None:
            repos.create(txn, repo, description.format(pipeline))


def mark_version(txn: Txn, pipeline: Pipeline) -> Commit:
    """Commit to the spec repo: empty, finished, there to stand for a version in provenance."""
    commit = commits.start(txn, Branch(pipeline.spec_repo, SPEC_BRANCH))
    return commits.finish(txn, commit)


def check_inputs(txn: Txn, given: Input | None, pipeline: Pipeline) -> None:
    """Raise `NotFound`, with its field, for a repo that is not there, of an input as the user gave it.

    Missing branches are made when wired.
    """
    for path, leaf in placed_leaves(given) if given else ():
        for complete in [] if isinstance(leaf, CronInput) else sources(complete_input(leaf, pipeline)):
            try:
                repo_row(txn.tx, complete.source.repo)
            except NotFound as error:
                error.field = child(path, "repo")
                raise


def wire(txn: Txn, spec: PipelineSpec) -> None:
    """Make output and meta branch follow all inputs and the spec, which opens a commit on each at the end.

    That of a spout follows the spec only: what its stage commits comes from nothing but its code.
    Raises `FieldError` for a pipeline that reads its own output, or one that would close a cycle.
    """
    pipeline = spec.pipeline
    inputs = () if spec.type is PipelineType.SPOUT else spec.sources
    provenance = [*inputs, Branch(pipeline.spec_repo, SPEC_BRANCH)]
    with naming("input"):
        for branch in _outputs(spec):
            branches.create(txn, branch, provenance=provenance, never=_quiet(spec) & set(inputs))


def _quiet(spec: PipelineSpec) -> set[Branch]:
    """The branches whose new commits are to start no job: those that are read so by all who read them."""
    quiet: dict[Branch, bool] = {}
    for leaf in sources(spec.input):
        never = leaf.propagation_spec is not None and leaf.propagation_spec.never
        quiet[leaf.source] = never and quiet.get(leaf.source, True)
    return {branch for branch, never in quiet.items() if never}


def unwire(txn: Txn, spec: PipelineSpec) -> None:
    """Take output and meta branch out of the DAG: their commits stay, no more are made."""
    for branch in _outputs(spec):
        if branch_rows.get(txn.tx, branch) is not None:
            branches.create(txn, branch)


def _outputs(spec: PipelineSpec) -> tuple[Branch, ...]:
    pipeline, name = spec.pipeline, spec.output_branch
    output = Branch(pipeline.repo, name)
    return (output, Branch(pipeline.meta_repo, name)) if spec.type is PipelineType.TRANSFORM else (output,)
