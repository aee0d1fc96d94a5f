"""The boxes of the graph as data: what a repo or a pipeline is, how it stands, and what is worth a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.views.drawing import graph as drawing
from calf.views.drawing.graph import Graph
from calf.views.drawing.read_dag import build_graph
from calf.views.states import job_state, pipeline_state
from calf.views.words import shorten
from calf.web import links
from calf.web.dag.reading import Now, Then
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pps

Node = dict[str, Any]
Edges = list[tuple[str, str]]

PIPELINE, REPO, CRON = "pipeline", "repo", "cron"
_TYPES = {pps.PipelineInfo.PIPELINE_TYPE_SPOUT: "spout", pps.PipelineInfo.PIPELINE_TYPE_SERVICE: "service"}
_SETTLED = ("running", "standby")
_LONGEST = 300
OWN, USED, NOT = "own", "used", "not"
"""How a box takes part in a commit set: with a commit of it, with an older one that was read, or not."""


def nodes_now(now: Now, project: str) -> tuple[dict[str, Node], Edges]:
    """The graph as it is."""
    graph = build_graph(list(now.pipelines.values()), project)
    clocks = {node.key: node.note for node in graph.nodes if node.kind == CRON}
    nodes = {}
    for key in sorted({*(node.key for node in graph.nodes), *now.repos}):
        if key in now.pipelines:
            nodes[key] = _pipeline(key, now, project)
        else:
            nodes[key] = plain(key, project, CRON if key in clocks else REPO)
            nodes[key]["clock"] = clocks.get(key, "")
        if key in now.repos:
            nodes[key]["size"] = int(now.repos[key].size_bytes_upper_bound)
    return nodes, list(graph.edges)


def nodes_then(now: Now, then: Then, project: str) -> tuple[dict[str, Node], Edges]:
    """The graph as of a commit set; what is there now and was no part of it stands beside it."""
    nodes, edges = nodes_now(now, project)
    for key, node in nodes.items():
        nodes[key] = {**plain(key, project, node["kind"]), "type": node["type"], "clock": node["clock"]}
    for key, info in then.commits.items():
        kind = nodes[key]["kind"] if key in nodes else PIPELINE if key in then.jobs else REPO
        node = nodes.setdefault(key, plain(key, project, kind))
        own = then.is_own(key)
        node |= {"part": OWN if own else USED, "commit": info.commit.id, "size": commit_size(info)}
        node |= {"finished": rfc3339(info.finished), "why": shorten(info.error, _LONGEST)}
        node["state"] = "" if kind != PIPELINE else "error" if info.error else ""
        if own and key in then.jobs:
            node |= job_facts(then.jobs[key])
    known = then.commits.keys()
    faint = [(upper, lower) for upper, lower in edges if upper not in known or lower not in known]
    return nodes, [*then.edges, *faint]


def graph_of(nodes: Mapping[str, Node], edges: Edges) -> Graph:
    """Boxes and edges of a page for what draws pictures of their own."""
    boxes = [
        drawing.Node(key, node["kind"], node["label"], node["clock"] or node["state"], node["state"])
        for key, node in sorted(nodes.items())
    ]
    return Graph(boxes, sorted(set(edges)))


def plain(key: str, project: str, kind: str) -> Node:
    """A box of which nothing but its name is known."""
    owner, name = key.split("/", 1)
    link = links.pipeline(owner, name) if kind == PIPELINE else links.repo(owner, name)
    return {
        "key": key, "kind": kind, "type": "", "project": owner, "name": name, "link": link,
        "label": name if owner == project else key, "elsewhere": owner != project, "state": "", "why": "",
        "version": 0, "job": "", "finished": "", "counts": None, "size": None, "clock": "",
        "part": NOT, "commit": "", "change": "", "found": False,
    }  # fmt: skip


def job_facts(info: Message) -> Node:
    """What a job says of its pipeline."""
    return {
        "state": job_state(info.state),
        "why": shorten(info.reason, _LONGEST),
        "version": int(info.pipeline_version),
        "job": info.job.id,
        "started": rfc3339(info.started),
        "finished": rfc3339(info.finished),
        "counts": datum_counts(info),
    }


def datum_counts(info: Message) -> dict[str, int]:
    """What became of a job's datums, in numbers."""
    words = ("processed", "skipped", "failed", "recovered", "total")
    found = {word: int(getattr(info, f"data_{word}")) for word in words}
    return found | {"done": sum(found[word] for word in words[:-1])}


def commit_size(info: Message) -> int:
    """Bytes of a commit, as well as its record knows."""
    return int(info.details.size_bytes or info.size_bytes_upper_bound)


def state_of_set(jobs: Mapping[str, int] | Mapping[str, Any]) -> str:
    """One word for the jobs of a set, given how many there are in each state."""
    for words, word in _OF_SETS:
        if any(jobs.get(each) for each in words):
            return word
    return "finished"


OVER = frozenset(("success", "failure", "killed", "unrunnable"))
"""What nothing comes after, of the states of jobs."""
_OF_SETS = (
    (("running", "starting", "created", "egressing", "finishing"), "running"),
    (("failure", "unrunnable"), "failure"),
    (("killed",), "killed"),
    (("success",), "success"),
)


def _pipeline(key: str, now: Now, project: str) -> Node:
    """A pipeline by its newest job; unless it is stopped, broken or has none: then by what it is itself."""
    info = now.pipelines[key]
    node = plain(key, project, PIPELINE) | {"type": _TYPES.get(info.type, ""), "version": int(info.version)}
    state = pipeline_state(info.state)
    if key in now.jobs:
        version = node["version"]
        node |= job_facts(now.jobs[key]) | {"version": version}
    if not node["state"] or state not in _SETTLED or node["type"]:
        node |= {"state": state}
        node |= {"counts": None} if node["type"] else {}  # what stands has no progress
        node["why"] = shorten(info.reason or info.details.reason, _LONGEST) or node["why"]
    return node
