"""The panel at the side of the graph: the most that one asks of a pipeline or a repo, and where to go on."""

from __future__ import annotations

from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import InvalidArgument, NotFound
from calf.views.drawing.read_dag import leaves
from calf.views.labels import image_words
from calf.views.names import repo_called
from calf.views.states import job_state, pipeline_state
from calf.web.dag.nodes import commit_size, datum_counts
from calf.web.pipelines.shapes import is_idle
from calf.web.reports.rejected import rejected_by
from calf.web.shaping import rfc3339, seconds_of
from calf.wire.messages import Message, pfs, pps

_JOBS, _COMMITS, _BRANCHES = 5, 5, 20


def panel_of(client: Client, project: str, key: str, set_id: str = "") -> dict[str, Any]:
    """What there is to say of a box, `project/name`; with a commit set, its job or commit in that set first.

    Raises `NotFound` when there is neither a pipeline nor a repo of that name.
    """
    owner, slash, name = key.partition("/")
    if not (owner and slash and name):
        raise InvalidArgument(f"?node={key[:100]} is no PROJECT/NAME", "choose a box of the graph")
    where = pfs.Project(name=owner)
    found = {"key": key, "project": owner, "name": name, "elsewhere": owner != project, "pipeline": None}
    found |= {"repo": None, "jobs": [], "set_job": None}
    try:
        request = pps.InspectPipelineRequest(pipeline=pps.Pipeline(name=name, project=where), details=True)
        info = client.pps.InspectPipeline(request)
    except NotFound:
        info = None
    if info is not None:
        jobs = pps.ListJobRequest(pipeline=info.pipeline, number=_JOBS)
        found |= {
            "pipeline": _pipeline(info),
            "jobs": [_job(client, each) for each in islice(client.pps.ListJob(jobs), _JOBS)],
        }
        found["set_job"] = _job_of_set(client, info.pipeline, set_id) if set_id else None
    try:
        repo = repo_called(name, owner)
        found["repo"] = _repo(client, client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=repo)))
    except NotFound:
        if info is None:
            raise
    return found


def _pipeline(info: Message) -> dict[str, Any]:
    details = info.details
    return {
        "state": pipeline_state(info.state),
        "why": info.reason or details.reason,
        "description": details.description,
        "version": int(info.version),
        "type": pps.PipelineInfo.PipelineType.Name(info.type).rpartition("_")[2].lower(),
        "image": image_words(info.calf.image) or details.transform.image,
        "command": " ".join(details.transform.cmd)[:300],
        "branch": details.output_branch,
        "inputs": [_input(leaf, info.pipeline.project.name) for leaf in leaves(details.input)],
        "last": job_state(info.last_job_state) if info.last_job_state else "",
        "idle": is_idle(info),
    }


def _input(leaf: Message, project: str) -> dict[str, str]:
    """An input: where it comes from and what of it is a datum."""
    if leaf.HasField("cron"):
        cron = leaf.cron
        return {
            "project": cron.project or project,
            "repo": cron.repo or cron.name,
            "branch": "",
            "what": cron.spec,
        }
    kind = "" if leaf.pfs.repo_type in ("", "user") else f".{leaf.pfs.repo_type}"
    return {
        "project": leaf.pfs.project or project,
        "repo": f"{leaf.pfs.repo}{kind}",
        "branch": leaf.pfs.branch,
        "what": leaf.pfs.glob,
    }


def _job(client: Client, info: Message) -> dict[str, Any]:
    return {
        "id": info.job.id,
        "state": job_state(info.state),
        "why": info.reason,
        "created": rfc3339(info.created),
        "finished": rfc3339(info.finished),
        "seconds": _lasted(info),
        "counts": datum_counts(info),
        "version": int(info.pipeline_version),
        "rejected": rejected_by(client, info),
    }


def _lasted(info: Message) -> float | None:
    if not (info.started.seconds and info.finished.seconds):
        return None
    return max(0.0, seconds_of(info.finished) - seconds_of(info.started))


def _job_of_set(client: Client, pipeline: Message, set_id: str) -> dict[str, Any] | None:
    try:
        job = pps.Job(pipeline=pipeline, id=set_id)
        return _job(client, client.pps.InspectJob(pps.InspectJobRequest(job=job)))
    except NotFound:
        return None


def _repo(client: Client, info: Message) -> dict[str, Any]:
    branches = client.pfs.ListBranch(pfs.ListBranchRequest(repo=info.repo))
    commits = client.pfs.ListCommit(pfs.ListCommitRequest(repo=info.repo, number=_COMMITS, all=True))
    return {
        "size": int(info.details.size_bytes or info.size_bytes_upper_bound),
        "description": info.description,
        "created": rfc3339(info.created),
        "branches": [
            {"name": each.branch.name, "head": each.head.id} for each in islice(branches, _BRANCHES)
        ],
        "more_branches": max(0, len(info.branches) - _BRANCHES),
        "commits": [_commit(each) for each in islice(commits, _COMMITS)],
    }


def _commit(info: Message) -> dict[str, Any]:
    ended = bool(info.finished.seconds)
    return {
        "id": info.commit.id,
        "state": "error" if info.error else "finished" if ended else "open",
        "why": info.error,
        "branch": info.commit.branch.name,
        "started": rfc3339(info.started),
        "size": commit_size(info) if ended else None,
    }
