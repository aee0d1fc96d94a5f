"""Draws docs/pictures/dag.svg: the seven pipelines and the user's repos; run it after changing the DAG."""

from __future__ import annotations

from pathlib import Path

BOX_WIDTH, BOX_HEIGHT = 104, 40
REPOS = {"pets": (20, 20), "params": (20, 84), "weights": (20, 148)}
STAGES = {
    "ingest": (170, 20),
    "split": (310, 20),
    "train": (450, 148),
    "tune": (590, 148),
    "calibrate": (730, 84),
    "evaluate": (870, 84),
    "release": (1010, 84),
}
EDGES = [
    ("pets", "ingest"),
    ("ingest", "split"),
    ("split", "train"),
    ("weights", "train"),
    ("train", "tune"),
    ("tune", "calibrate"),
    ("split", "calibrate"),
    ("calibrate", "evaluate"),
    ("evaluate", "release"),
]
ARCS = [
    ("split", "tune", -30),
    ("split", "evaluate", -24),
    ("train", "evaluate", 44),
    ("weights", "tune", 44),
]
"""Edges that pass over (negative) or under other nodes, and by how much."""
WORDS = {
    "ingest": "pair, check, resize",
    "split": "by hash of the id",
    "train": "baseline U-Net",
    "tune": "Optuna, final fit",
    "calibrate": "temperature",
    "evaluate": "report, metrics",
    "release": "policy decides",
    "pets": "photos, trimaps",
    "params": "read by each stage",
    "weights": "MobileNetV2",
}


def box(name: str, x: int, y: int, repo: bool) -> str:
    """One node: a rounded box for a repo of the user, a square one for a pipeline."""
    fill, radius = ("#eef2f7", 18) if repo else ("#fff7e6", 4)
    middle = x + BOX_WIDTH / 2
    frame = f'width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="{radius}" fill="{fill}" stroke="#47546b"'
    place = f'x="{middle}" text-anchor="middle"'
    return (
        f'<rect x="{x}" y="{y}" {frame}/>'
        f'<text {place} y="{y + 17}" font-size="13" font-weight="600">{name}</text>'
        f'<text {place} y="{y + 32}" font-size="10" fill="#47546b">{WORDS[name]}</text>'
    )


def edge(start: tuple[int, int], end: tuple[int, int]) -> str:
    """A curve from the right side of one node to the left side of another."""
    x1, y1 = start[0] + BOX_WIDTH, start[1] + BOX_HEIGHT / 2
    x2, y2 = end[0] - 4, end[1] + BOX_HEIGHT / 2
    bend = max(18.0, (x2 - x1) / 2)
    return (
        f'<path d="M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}" fill="none" stroke="#47546b" '
        'stroke-width="1.4" marker-end="url(#tip)"/>'
    )


def arc(start: tuple[int, int], end: tuple[int, int], bend: int) -> str:
    """A curve from the middle of one node's upper or lower side to that of another."""
    down = BOX_HEIGHT if bend > 0 else 0
    x1, y1 = start[0] + BOX_WIDTH / 2, start[1] + down
    x2, y2 = end[0] + BOX_WIDTH / 2, end[1] + down + (4 if bend > 0 else -4)
    return (
        f'<path d="M{x1} {y1} C{x1 + 40} {y1 + bend} {x2} {y2 + bend} {x2} {y2}" fill="none" '
        'stroke="#8894a8" stroke-width="1.2" stroke-dasharray="4 3" marker-end="url(#tip)"/>'
    )


def draw() -> str:
    """The whole picture."""
    places = REPOS | STAGES
    parts = [edge(places[a], places[b]) for a, b in EDGES]
    parts += [arc(places[a], places[b], bend) for a, b, bend in ARCS]
    parts += [box(name, *place, repo=name in REPOS) for name, place in places.items()]
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -12 1134 244" font-family="sans-serif">'
        '<rect y="-12" width="1134" height="244" fill="#ffffff"/>'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="#47546b"/></marker></defs>'
    )
    return head + "".join(parts) + "</svg>\n"


if __name__ == "__main__":
    Path(__file__).with_name("dag.svg").write_text(draw())
