"""Pipelines that no longer follow an input, because its repo was deleted by force."""

from __future__ import annotations

from calf.db import branches, repos
from calf.db.tx import Tx
from calf.model.pps_infos import PipelineInfo
from calf.model.refs import Branch
from calf.model.states import PipelineType


def severed(tx: Tx, info: PipelineInfo) -> str:
    """Which inputs of a running pipeline start no jobs any more, and what helps; "" where all do."""
    if info.stopped or info.type is PipelineType.SPOUT:
        return ""
    output = branches.get(tx, Branch(info.pipeline.repo, info.spec.output_branch))
    if output is None:
        return ""
    followed = {branches.by_id(tx, number).branch for number in branches.upstream_ids(tx, output.id)}
    lost = [branch for branch in info.spec.sources if branch not in followed]
    if not lost:
        return ""
    names = ", ".join(sorted(map(str, lost)))
    again = any(repos.get(tx, branch.repo) is None for branch in lost)
    helps = f"{'make it again, then ' if again else ''}update the pipeline to follow it"
    return f"input {names} was deleted by force and starts no jobs: {helps}"
