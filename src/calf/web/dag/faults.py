"""Why a box failed: the error that its job printed; and of a box behind it, which one did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from calf.client.connection import Client
from calf.web.dag.nodes import Edges, Node
from calf.web.jobs.faults import fault_of

_EXPLAINED = 10


def tell_why(client: Client, nodes: Mapping[str, Node], edges: Edges) -> None:
    """Put that in the place of what the jobs say of themselves; of the first few boxes that failed."""
    failed = [node for node in nodes.values() if node["state"] == "failure" and node["job"]]
    for node in failed[:_EXPLAINED]:
        said = fault_of(client, node["project"], node["name"], node["job"])
        node["why"] = said or node["why"]
    above: dict[str, set[str]] = defaultdict(set)
    for upper, lower in edges:
        if upper in nodes:
            above[lower].add(upper)
    for key, node in nodes.items():
        if node["state"] == "unrunnable" and (names := _culprits(key, nodes, above)):
            node["why"] = f"{', '.join(names)} failed"


def _culprits(key: str, nodes: Mapping[str, Node], above: Mapping[str, set[str]]) -> list[str]:
    """The boxes before one whose jobs of the same set failed."""
    waiting, seen, found = [key], {key}, []
    while waiting:
        at = waiting.pop()
        if nodes[at]["state"] == "failure" and nodes[at]["job"] == nodes[key]["job"]:
            found.append(str(nodes[at]["label"]))
            continue
        unseen = above.get(at, set()) - seen
        seen |= unseen
        waiting += sorted(unseen)
    return found
