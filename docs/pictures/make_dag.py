"""Draws docs/pictures/dag.svg: the seven pipelines and the user's repos, as the specs say; run it after
changing one."""

from __future__ import annotations

from pathlib import Path

from calf.kit.strict_yaml import load_all
from calf.model.spec import parse
from calf.views.drawing.graph import PIPELINE, REPO, Graph, Node
from calf.views.drawing.svg import draw_svg

SPECS = Path(__file__).parents[2] / "pipelines"
WORDS = {
    "ingest": "pair, check, resize",
    "split": "by hash of the id",
    "train": "baseline U-Net",
    "tune": "Optuna, final fit",
    "calibrate": "honest confidence",
    "evaluate": "report, metrics",
    "release": "policy decides",
    "pets": "photos, trimaps",
    "params": "one file a stage",
    "weights": "MobileNetV2",
    "proofs": "pachctl attest",
    "serving": "what is in service",
}


def read_graph() -> Graph:
    """The stages, which are numbered, and what they read."""
    edges: dict[tuple[str, str], None] = {}
    for path in sorted(SPECS.glob("[1-7]-*.yaml")):
        (document,) = load_all(path.read_text(), str(path))
        spec = parse(document.value)
        for branch in spec.sources:
            edges[branch.repo.name, spec.pipeline.name] = None
    stages = {lower for _, lower in edges}
    names = dict.fromkeys(name for edge in edges for name in edge)
    kinds = {name: PIPELINE if name in stages else REPO for name in names}
    return Graph([Node(name, kinds[name], name, WORDS[name]) for name in names], list(edges))


if __name__ == "__main__":
    Path(__file__).with_name("dag.svg").write_text(draw_svg(read_graph()))
