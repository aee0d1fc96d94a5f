"""Deleting pipelines: jobs, versions and repos; the output may stay."""

from __future__ import annotations

from collections.abc import Collection

from calf.db import pipelines
from calf.db.tx import Tx
from calf.model.errors import Precondition
from calf.model.pps_infos import PipelineInfo
from calf.model.refs import Pipeline
from calf.pfs import commits, repos
from calf.pfs.transaction import Txn
from calf.pps.jobs.delete import delete_all as delete_jobs
from calf.pps.missing import missing_pipeline
from calf.pps.pipelines.own_inputs import drop_clocks
from calf.pps.pipelines.wiring import unwire


def delete(txn: Txn, pipeline: Pipeline, *, force: bool = False, keep_repo: bool = False) -> None:
    """Remove a pipeline. With `keep_repo` its output repo stays, with all commits, as a plain repo.

    Raises `NotFound`; without `force` or `keep_repo`, `Precondition` while another pipeline reads its output.
    """
    info = pipelines.get(txn.tx, pipeline)
    if info is None:
        raise missing_pipeline(txn.tx, pipeline)
    readers = readers_of(txn.tx, pipeline)
    if readers and not force and not keep_repo:
        names = ", ".join(reader.name for reader in readers)
        raise Precondition(
            f'pipeline "{pipeline}" cannot be deleted because its output is read by: {names}',
            "delete those first, or use --force (they stay, and read nothing new) or --keep-repo",
        )
    _delete(txn, info, keep_repo)


def delete_several(
    txn: Txn, wanted: Collection[Pipeline], *, force: bool = False, keep_repo: bool = False
) -> None:
    """Remove pipelines that may read each other, readers first. Raises as `delete`."""
    left = list(wanted)
    while left:
        free = [name for name in left if not set(readers_of(txn.tx, name)) & set(left)]
        for name in free or left:
            delete(txn, name, force=force, keep_repo=keep_repo)
        left = [name for name in left if name not in (free or left)]


def readers_of(tx: Tx, pipeline: Pipeline) -> list[Pipeline]:
    """The other pipelines that read a repo of this one, by their current versions."""
    own = {pipeline.repo, pipeline.meta_repo, pipeline.spec_repo}
    return [
        info.pipeline
        for info in pipelines.all_(tx)
        if info.pipeline != pipeline and any(source.repo in own for source in info.spec.sources)
    ]


def _delete(txn: Txn, info: PipelineInfo, keep_repo: bool) -> None:
    pipeline = info.pipeline
    delete_jobs(txn, pipeline)
    if not keep_repo:
        repos.delete(txn, pipeline.repo, force=True)
    else:
        unwire(txn, info.spec)
        for commit in commits.open_outputs(txn.tx):
            if commit.repo == pipeline.repo:
                commits.finish(txn, commit, error="pipeline deleted", force=True)
        repos.delete_several(txn, [pipeline.meta_repo, pipeline.spec_repo], force=True)
    drop_clocks(txn, info.spec)
    pipelines.delete(txn.tx, pipeline)
    txn.record("pipeline-deleted", pipeline)
