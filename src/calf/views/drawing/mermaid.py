"""A DAG in mermaid's language, which many viewers of markdown show as a picture."""

from __future__ import annotations

from calf.views.drawing.colours import colours
from calf.views.drawing.graph import PIPELINE, Graph, Node


def draw_mermaid(graph: Graph) -> str:
    """The picture: repos as cylinders, pipelines as boxes in the colour of their state."""
    names = {node.key: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    lines += [f"    {names[node.key]}{_shape(node)}" for node in graph.nodes]
    lines += [f"    {names[upper]} --> {names[lower]}" for upper, lower in graph.edges]
    for node in graph.nodes:
        edge, inside = colours(node)
        lines.append(f"    style {names[node.key]} stroke:{edge},fill:{inside},color:#1d2635")
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    text = "<br/>".join(map(_escape, node.lines))
    return f'["{text}"]' if node.kind == PIPELINE else f'[("{text}")]'


def _escape(text: str) -> str:
    """Text within quotes; mermaid writes special characters as their numbers."""
    return "".join(mark if mark.isalnum() or mark in " -_/.,@()" else f"#{ord(mark)};" for mark in text)
