"""Pictures of large graphs: no box over another, edges lead forward, lines are straight, all of it soon."""

from __future__ import annotations

import random
import re
import time
from itertools import combinations, pairwise

import pytest

from calf.views.drawing.graph import PIPELINE, Graph, Node
from calf.views.drawing.layers import arrange, is_point
from calf.views.drawing.picture import Picture, Spacing, lay_out, places
from calf.views.drawing.untangle import crossings

SPACING = Spacing()
SIZE = (200.0, 52.0)
SOON = 1.5
"""Seconds of one processor: ten times what it takes on a quiet machine, for machines that are not."""


def layered(number: int, seed: int) -> list[tuple[str, str]]:
    """A pipeline reads one to three others, mostly of the layer before its own."""
    chance = random.Random(seed)
    rows = [[f"repo-{at}" for at in range(10)]]
    edges = set()
    while len(rows) <= number // 20:
        row = [f"stage-{len(rows)}-{at}" for at in range(20)]
        for name in row:
            for _ in range(chance.choice([1, 1, 1, 2, 2, 3])):
                source = rows[-1] if chance.random() < 0.8 else chance.choice(rows)
                edges.add((chance.choice(source), name))
        rows.append(row)
    return sorted(edges)


def chain(number: int) -> list[tuple[str, str]]:
    return [(f"s{at}", f"s{at + 1}") for at in range(number)]


def fan(number: int) -> list[tuple[str, str]]:
    names = [f"s{at}" for at in range(number)]
    return [*(("first", name) for name in names), *((name, "last") for name in names)]


def seven() -> list[tuple[str, str]]:
    """What the stages of the real pipeline read."""
    reads = {
        "ingest": "pets params",
        "split": "ingest params",
        "train": "split params weights",
        "tune": "split train params weights",
        "calibrate": "split tune params",
        "evaluate": "split calibrate train params",
        "release": "evaluate params split proofs serving",
    }
    return [(source, name) for name, sources in reads.items() for source in sources.split()]


GRAPHS = {"seven": seven(), "layered": layered(200, 1), "chain": chain(200), "fan": fan(100)}


def drawn(edges: list[tuple[str, str]]) -> Picture:
    keys = sorted({key for edge in edges for key in edge})
    return lay_out(tuple((key, SIZE) for key in keys), tuple(edges), SPACING)


@pytest.mark.parametrize("name", GRAPHS)
def test_no_box_lies_over_another_and_all_are_inside(name: str) -> None:
    picture = drawn(GRAPHS[name])
    for one, other in combinations(picture.places.values(), 2):
        assert abs(one.x - other.x) >= SIZE[0] or abs(one.y - other.y) >= SIZE[1] + SPACING.gap - 1e-6
    for each in picture.places.values():
        assert each.left >= SPACING.margin
        assert each.right <= picture.width - SPACING.margin
        assert each.top >= SPACING.margin - 1e-6
        assert each.bottom <= picture.height - SPACING.margin + 1e-6


@pytest.mark.parametrize("name", GRAPHS)
def test_every_edge_goes_forward_from_box_to_box(name: str) -> None:
    picture = drawn(GRAPHS[name])
    assert set(picture.ways) == set(GRAPHS[name])
    for (upper, lower), way in picture.ways.items():
        start, end = picture.places[upper], picture.places[lower]
        assert way.startswith(f"M{start.right:.0f} {start.y:.0f}")
        xs = [float(x) for x in re.findall(r"[MH](\S+?)(?= |C|H|$)", way)]
        xs += [float(curve.split()[-2]) for curve in re.findall(r"C([^H]*)", way)]
        assert min(xs) == float(f"{start.right:.0f}")
        assert max(xs) == float(f"{end.left:.0f}")
        level = re.findall(r"C\S+ \S+ \S+ \S+ \S+ (\S+?)(?=H|$)", way)
        assert level == [] or level[-1] == f"{end.y:.0f}"


@pytest.mark.parametrize("name", GRAPHS)
def test_an_edge_that_passes_a_layer_touches_none_of_its_boxes(name: str) -> None:
    nodes = [Node(key, PIPELINE, key) for key in sorted({key for edge in GRAPHS[name] for key in edge})]
    layers = arrange(Graph(nodes, GRAPHS[name]))
    where = places(layers, {node.key: SIZE for node in nodes}, SPACING)
    for row in layers.rows:
        for before, after in pairwise(row):
            assert where[before].bottom + SPACING.gap <= where[after].top + 1e-6


@pytest.mark.parametrize("name", GRAPHS)
def test_it_is_drawn_soon(name: str) -> None:
    lay_out.cache_clear()
    begin = time.process_time()
    picture = drawn(GRAPHS[name])
    assert time.process_time() - begin < SOON
    assert drawn(GRAPHS[name]) is picture  # the next time it is there already


def test_long_edges_of_the_real_pipeline_are_straight() -> None:
    """What passes a layer does so at one height all the way, as nothing stands in between."""
    nodes = [Node(key, PIPELINE, key) for key in sorted({key for edge in seven() for key in edge})]
    layers = arrange(Graph(nodes, seven()))
    where = places(layers, {node.key: SIZE for node in nodes}, SPACING)
    heights: dict[str, set[int]] = {}
    for key in filter(is_point, where):
        heights.setdefault(key.partition("\n")[0], set()).add(round(where[key].y))
    assert {key: len(found) for key, found in heights.items()} == dict.fromkeys(heights, 1)
    assert len(heights) == 4
    assert crossings(layers.rows, layers.below) <= 9


def test_far_fewer_edges_cross_than_in_the_order_of_the_names() -> None:
    edges = layered(200, 1)
    nodes = [Node(key, PIPELINE, key) for key in sorted({key for edge in edges for key in edge})]
    layers = arrange(Graph(nodes, edges))
    by_name = [sorted(row) for row in layers.rows]
    assert crossings(layers.rows, layers.below) < 0.4 * crossings(by_name, layers.below)
