"""The colours of states in drawings: of a box's edge, and of its inside."""

from __future__ import annotations

from calf.views.drawing.graph import PIPELINE, Node

REPO_COLOURS = ("#47546b", "#eef2f7")
_PLAIN = ("#47546b", "#fff7e6")
_COLOURS = {
    "success": ("#2d7d46", "#e6f4ea"),
    "running": ("#2563a8", "#e3eefb"),
    "failure": ("#b3261e", "#fbe9e7"),
    "waiting": ("#8a6d1a", "#fff8dc"),
}
_GROUPS = {
    "success": ("success",),
    "running": ("running", "starting", "created", "finishing", "egressing", "restarting"),
    "failure": ("failure", "crashing", "killed", "unrunnable"),
    "waiting": ("paused", "standby"),
}


def colours(node: Node) -> tuple[str, str]:
    """Edge and inside of a box."""
    if node.kind != PIPELINE:
        return REPO_COLOURS
    group = next((name for name, states in _GROUPS.items() if node.state in states), "")
    return _COLOURS.get(group, _PLAIN)
