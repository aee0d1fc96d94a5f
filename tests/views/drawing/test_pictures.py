"""Pictures: nothing lies over anything else, and names cannot break out of their box."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from calf.views.drawing.dot import draw_dot
from calf.views.drawing.graph import PIPELINE, REPO, Graph, Node
from calf.views.drawing.layers import arrange
from calf.views.drawing.mermaid import draw_mermaid
from calf.views.drawing.svg import draw_svg, places
from calf.views.drawing.untangle import crossings


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = [f"n{number}" for number in range(draw(st.integers(1, 12)))]
    pairs = [(upper, lower) for index, lower in enumerate(names) for upper in names[:index]]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return Graph([Node(name, PIPELINE, name * draw(st.integers(1, 9))) for name in names], edges)


@given(graphs())
@settings(deadline=None)
def test_boxes_and_the_edges_that_pass_them_do_not_overlap(graph: Graph) -> None:
    layers = arrange(graph)
    where = places(graph, layers)
    for one, other in combinations(where.values(), 2):
        apart = abs(one.x - other.x) >= (one.width + other.width) / 2 or (
            abs(one.y - other.y) >= (one.height + other.height) / 2 - 1e-6
        )
        assert apart, (one, other)
    for upper, lower in graph.edges:
        assert where[upper].right < where[lower].left
    tree = ET.fromstring(draw_svg(graph))
    width, height = float(tree.attrib["width"]), float(tree.attrib["height"])
    for each in where.values():
        assert each.left > 0
        assert each.right < width
        assert each.y - each.height / 2 > 0
        assert each.y + each.height / 2 < height


def test_lines_are_untangled() -> None:
    """Three pairs in the worst order can be drawn without a crossing."""
    nodes = [Node(name, PIPELINE, name) for name in "abcxyz"]
    layers = arrange(Graph(nodes, [("a", "z"), ("b", "y"), ("c", "x")]))
    assert crossings(layers.rows, layers.below) == 0


def test_a_source_stands_right_above_the_first_that_reads_it() -> None:
    nodes = [Node(name, PIPELINE, name) for name in "abcdw"]
    layers = arrange(Graph(nodes, [("a", "b"), ("b", "c"), ("c", "d"), ("w", "d")]))
    assert layers.depth["w"] == layers.depth["c"]


def test_names_cannot_break_out_of_their_box() -> None:
    nodes = [Node("p/a", REPO, 'a"]<b>&\\', 'every "day"'), Node("p/b", PIPELINE, "b")]
    graph = Graph(nodes, [("p/a", "p/b")])
    tree = ET.fromstring(draw_svg(graph))
    text, note, _ = (each.text for each in tree.iter() if each.tag.endswith("text"))
    assert (text, note) == ('a"]<b>&\\', 'every "day"')
    mermaid = draw_mermaid(graph)
    assert 'n0[("a#34;#93;#60;b#62;#38;#92;<br/>every #34;day#34;")]' in mermaid
    assert "n0 --> n1" in mermaid
    dot = draw_dot(graph)
    assert '"p/a" [label="a\\"]<b>&\\\\\\nevery \\"day\\""' in dot
    assert '"p/a" -> "p/b"' in dot


def test_a_project_without_pipelines_is_drawn_empty() -> None:
    empty = Graph([], [])
    assert ET.fromstring(draw_svg(empty)).attrib["width"] == "20"
    assert draw_mermaid(empty) == "flowchart LR\n"
