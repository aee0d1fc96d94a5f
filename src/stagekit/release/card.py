"""The model card: what the model is, how good it is, where it must not be trusted. Markdown, for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from stagekit.release.figures import figure, names
from stagekit.release.manifests import served_name
from stagekit.release.model import Model
from stagekit.release.params import ReleaseParams
from stagekit.release.policy import Decision

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
        _about(model),
        "## How good it is\n\nOn the test split, from which no model has learned:\n\n" + _scores(figures),
        "## Why it was released\n\n" + "\n".join(f"* {check.reason}" for check in decision.checks),
        _LIMITS,
        "## Its files\n\n"
        + _table(
            ("file", "SHA-256"), [(f"`{name}`", f"`{digest}`") for name, digest in model.digests.items()]
        ),
        _WHENCE,
    )
    return "\n\n".join(sections) + "\n"


def _about(model: Model) -> str:
    """Say what the model is, from the records in its folder that say it."""
    parts = ["Segments a photo of a cat or a dog into pet, background and the border between them."]
    for name, title in _RECORDS:
        path = model.folder / name
        if path.is_file():
            record = json.loads(path.read_text(encoding="utf-8"))
            rows = [
                (f"`{key}`", f"`{json.dumps(value, sort_keys=True)}`")
                for key, value in sorted(record.items())
            ]
            parts.append(f"{title} (`{name}`):\n\n{_table(('key', 'value'), rows)}")
    return "\n\n".join(parts)


def _scores(figures: dict[str, Any]) -> str:
    """Tabulate the headline figures, then all others."""
    head = [name for name, _ in _HEADLINES]
    rows = [(f"**{name}**", _number(figures, name), meaning) for name, meaning in _HEADLINES]
    rows += [(name, _number(figures, name), "") for name in names(figures) if name not in head]
    return _table(("figure", "value", "meaning"), rows)


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
