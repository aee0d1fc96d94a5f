"""The DAG of a project, read from a server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from calf.views.drawing.graph import CRON, PIPELINE, REPO, Graph, Node
from calf.views.states import job_state, pipeline_state
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.client.connection import Client


def read_dag(client: Client, project: str, commit_set: str = "") -> Graph:
    """The pipelines of a project and the repos that they read, with their states.

    With a commit set: the pipelines as they were then, and the states of the jobs of that set.
    """
    request = pps.ListPipelineRequest(
        details=True,
        projects=[pfs.Project(name=project)],
        commit_set=pfs.CommitSet(id=commit_set) if commit_set else None,
    )
    infos = list(client.pps.ListPipeline(request))
    jobs: dict[str, str] = {}
    if commit_set:
        found = client.pps.InspectJobSet(pps.InspectJobSetRequest(job_set=pps.JobSet(id=commit_set)))
        jobs = {_key(info.job.pipeline): job_state(info.state) for info in found}
        infos = [info for info in infos if _key(info.pipeline) in jobs]
    return build_graph(infos, project, jobs if commit_set else None)


def build_graph(infos: Sequence[Message], project: str, jobs: dict[str, str] | None = None) -> Graph:
    """The graph of some pipelines; `jobs` gives the states of their jobs where a run is drawn."""
    nodes = {_key(info.pipeline): _pipeline(info, project, jobs) for info in infos}
    edges: dict[tuple[str, str], None] = {}
    for info in infos:
        for leaf in leaves(info.details.input):
            node = _source(leaf, project)
            nodes.setdefault(node.key, node)
            edges[node.key, _key(info.pipeline)] = None
    return Graph(sorted(nodes.values(), key=lambda node: node.key), list(edges))


def leaves(node: Message) -> Iterator[Message]:
    """The pfs and cron inputs of an input."""
    if node.HasField("pfs") or node.HasField("cron"):
        yield node
    for member in (*node.cross, *node.union, *node.join, *node.group):
        yield from leaves(member)


def _pipeline(info: Message, project: str, jobs: dict[str, str] | None) -> Node:
    key = _key(info.pipeline)
    name = _name(info.pipeline.project.name, info.pipeline.name, project)
    if jobs is not None:
        return Node(key, PIPELINE, name, jobs[key], jobs[key])
    state = pipeline_state(info.state)
    last = job_state(info.last_job_state) if info.last_job_state else ""
    settled = state in ("running", "standby") and last
    return Node(key, PIPELINE, name, f"{state} / {last}" if last else state, last if settled else state)


def _source(leaf: Message, project: str) -> Node:
    """The repo of an input; the output of a pipeline has the pipeline's key, its other repos their own."""
    if leaf.HasField("cron"):
        cron = leaf.cron
        return Node(f"{cron.project or project}/{cron.repo}", CRON, cron.repo or cron.name, cron.spec)
    where, repo = leaf.pfs.project or project, leaf.pfs.repo
    kind = "" if leaf.pfs.repo_type in ("", "user") else f".{leaf.pfs.repo_type}"
    return Node(f"{where}/{repo}{kind}", REPO, _name(where, f"{repo}{kind}", project))


def _name(owner: str, name: str, project: str) -> str:
    return name if owner == project else f"{owner}/{name}"


def _key(pipeline: Message) -> str:
    return f"{pipeline.project.name}/{pipeline.name}"
