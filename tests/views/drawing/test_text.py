"""A drawing as text says exactly what the DAG says: its lines are followed, as a reader does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from calf.views.drawing.ascii import draw_ascii
from calf.views.drawing.graph import PIPELINE, REPO, Graph, Node


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = [f"n{number}" for number in range(draw(st.integers(1, 12)))]
    pairs = [(upper, lower) for index, lower in enumerate(names) for upper in names[:index]]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    kinds = draw(st.lists(st.sampled_from([REPO, PIPELINE]), min_size=len(names), max_size=len(names)))
    return Graph([Node(name, kind, name) for name, kind in zip(names, kinds, strict=True)], edges)


def boxes(lines: list[str]) -> dict[str, tuple[int, int]]:
    """For each name the row and the column where its box shows it."""
    found = {}
    for row, line in enumerate(lines):
        for column, mark in enumerate(line):
            if mark == "n" and not line[column - 1].isalnum():
                found[line[column:].split()[0].rstrip("|")] = (row, column)
    return found


def read(lines: list[str], left: int, right: int, row: int) -> set[tuple[int, int]]:
    """Where the arrows are that one gets to from the lower side of a box, by its lines alone."""
    ends, seen = set(), set()
    ways = [(row, column, "down") for column in range(left, right) if lines[row][column] in "|v"]
    while ways:
        way = ways.pop()
        if way in seen:
            continue
        seen.add(way)
        y, x, direction = way
        mark = lines[y][x]
        if mark == "v":
            ends.add((y, x))
        elif direction == "down":
            assert mark in "|+", "an upright line that goes nowhere"
            sides = ((-1, "left"), (1, "right")) if mark == "+" else ()
            ways += [(y, x + step, turn) for step, turn in sides if level(lines[y], x + step)]
            if mark == "|" or lines[y + 1][x] in "|v+":
                ways.append((y + 1, x, "down"))
        else:
            assert mark in "-+|", "a level line that goes nowhere"
            step = -1 if direction == "left" else 1
            if mark != "+" or level(lines[y], x + step):
                ways.append((y, x + step, direction))
            if mark == "+" and lines[y + 1][x] in "|v+":
                ways.append((y + 1, x, "down"))
    return ends


def level(line: str, column: int) -> bool:
    return line[column] in "-+|" if 0 <= column < len(line) else False


@given(graphs(), st.sampled_from([0, 7, 12]), st.integers(1, 6))
@settings(deadline=None)
def test_every_edge_can_be_followed_and_no_other(graph: Graph, box_width: int, edge_height: int) -> None:
    text = draw_ascii(graph, box_width, edge_height)
    assert_is_followed(graph, text)


def assert_is_followed(graph: Graph, text: str) -> None:
    width = max(map(len, text.splitlines()))
    lines = [line.ljust(width) for line in text.splitlines()]
    places = boxes(lines)
    assert sorted(places) == sorted(node.key for node in graph.nodes), text
    spans = {}
    for name, (row, column) in places.items():
        left, right = lines[row].rindex("|", 0, column), lines[row].index("|", column)
        spans[name] = (row, left, right)
    drawn = set()
    for name, (row, left, right) in spans.items():
        if row + 2 >= len(lines):
            continue
        for y, x in read(lines, left, right + 1, row + 2):
            drawn.add((name, next(n for n, (r, lo, hi) in spans.items() if r == y + 2 and lo <= x <= hi)))
    assert drawn == set(graph.edges), text
