"""The model card: what the model is, how good it is, where it must not be trusted. Markdown, for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from stagekit import canonical
from stagekit.release.figures import figure
from stagekit.release.manifests import served_name
from stagekit.release.model import Model
from stagekit.release.params import ReleaseParams
from stagekit.release.policy import Decision
from stagekit.samples import CLASSES

_HEADLINES = (
    ("mean_iou", "mean intersection over union of pet, background and border"),
    ("mean_dice", "mean Dice coefficient of the three classes"),
    ("pixel_accuracy", "share of pixels with the right class"),
    ("ece", "expected calibration error of the pixels' confidence, lower is better"),
)

_RECORDS = (
    ("signature.json", "What it takes and gives"),
    ("training.json", "How it was trained"),
    ("calibration.json", "How its confidence was calibrated"),
)


def model_card(model: Model, figures: dict[str, Any], decision: Decision, params: ReleaseParams) -> str:
    """Give the card's text."""
    sections = (
        f"# {served_name(model.id, params)}",
        "Segments a photo of a cat or a dog into pet, background and the border between them.",
        "## How good it is\n\nOn the test split, from which no model has learned:\n\n" + _scores(figures),
        "## Why it was released\n\n" + "\n".join(f"* {check.reason}" for check in decision.checks),
        _LIMITS,
        "## What it is\n\n" + _records(model),
        "## Its files\n\n"
        + _table(
            ("file", "SHA-256"), [(f"`{name}`", f"`{digest}`") for name, digest in model.digests.items()]
        ),
        _WHENCE,
    )
    return "\n\n".join(sections) + "\n"


def _records(model: Model) -> str:
    """Show the records in the model's folder."""
    parts = []
    for name, title in _RECORDS:
        path = model.folder / name
        if path.is_file():
            record = canonical.yaml_bytes(json.loads(path.read_text(encoding="utf-8"))).decode()
            parts.append(f"{title} (`{name}`):\n\n```yaml\n{record}```")
    return "\n\n".join(parts)


def _scores(figures: dict[str, Any]) -> str:
    """Tabulate the headline figures, those of each class, and what simpler models reach."""
    tables = [
        _table(("figure", "value", "meaning"), [(f"**{n}**", _number(figures, n), m) for n, m in _HEADLINES])
    ]
    classes = [
        (name, _number(figures, f"iou.{name}"), _number(figures, f"dice.{name}"))
        for name in CLASSES
        if figure(figures, f"iou.{name}") is not None
    ]
    if classes:
        tables.append(_table(("class", "IoU", "Dice"), classes))
    baselines = figures.get("baselines", {})
    if baselines:
        rows = [
            (name, _number(scores, "mean_iou"), _number(scores, "pixel_accuracy"))
            for name, scores in sorted(baselines.items())
        ]
        tables.append(_table(("compared with", "mean_iou", "pixel_accuracy"), rows))
    return "\n\n".join(tables) + "\n\nAll others are in evaluate's `metrics.json` and report."


def _number(figures: dict[str, Any], name: str) -> str:
    value = figure(figures, name)
    return "not given" if value is None else f"{value:.4f}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_LIMITS = """## What it is for, and what not

For pictures like those it was trained on, with one cat or dog as their main subject: a model trained on the
drawn animals that stand in for photos by default knows those only. It knows no other animal, no people, and
no picture without a pet; there its answer means nothing, however sure it is. Expect less of it with several
pets at once, heavy occlusion and night pictures. The border is a band whose width the annotators chose; do
not measure anything by it. Do not use it where a wrong mask can harm somebody."""

_WHENCE = """## Where it comes from

`provenance.json` binds the files above to the digests of everything that the release stage read. The
commits, jobs and images behind them are in the engine: `pachctl list commit <id>` with the id of the
release commit lists the photos, parameters, weights and every stage's output that led here.
`data/README.md` tells the licences of photos and of the pretrained
encoder."""
