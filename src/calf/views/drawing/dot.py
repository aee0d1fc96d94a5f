"""A DAG in the language of Graphviz."""

from __future__ import annotations

from calf.views.drawing.colours import colours
from calf.views.drawing.graph import PIPELINE, Graph, Node


def draw_dot(graph: Graph) -> str:
    """The picture: repos as cylinders, pipelines as boxes in the colour of their state."""
    lines = ["digraph {", "    rankdir=LR;", '    node [fontname="sans-serif", style=filled];']
    lines += [f"    {_quote(node.key)} [{_attributes(node)}];" for node in graph.nodes]
    lines += [f"    {_quote(upper)} -> {_quote(lower)};" for upper, lower in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _attributes(node: Node) -> str:
    edge, inside = colours(node)
    shape = "box" if node.kind == PIPELINE else "cylinder"
    text = _quote("\n".join(node.lines)).replace("\n", "\\n")
    return f'label={text}, shape={shape}, color="{edge}", fillcolor="{inside}"'


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
