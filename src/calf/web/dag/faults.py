"""Why a box failed: the error that its job printed; and of a box behind it, which one did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from calf.client.connection import Client
from calf.web.dag.nodes import Edges, Node
from calf.web.jobs.culprits import blamed, culprits
from calf.web.jobs.faults import fault_of

_EXPLAINED = 10


def tell_why(client: Client, nodes: Mapping[str, Node], edges: Edges) -> None:
    """Put that in the place of what the jobs say of themselves; of the first few boxes that failed."""
    failed = {key: node for key, node in nodes.items() if node["state"] == "failure" and node["job"]}
    for node in list(failed.values())[:_EXPLAINED]:
        said = fault_of(client, node["project"], node["name"], node["job"])
        node["why"] = said or node["why"]
    above: dict[str, set[str]] = defaultdict(set)
    for upper, lower in edges:
        if upper in nodes:
            above[lower].add(upper)
    for key, node in nodes.items():
        if node["state"] == "unrunnable":
            of_set = {each for each, other in failed.items() if other["job"] == node["job"]}
            found = culprits(key, above, of_set)
            node["why"] = blamed([str(nodes[each]["label"]) for each in found]) or node["why"]
