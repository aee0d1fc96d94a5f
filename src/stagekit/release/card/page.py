"""The whole card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.release.card.data import data_section
from stagekit.release.card.markdown import number, table
from stagekit.release.card.origin import origin
from stagekit.release.card.scores import how_good, where_weak
from stagekit.release.card.training import records
from stagekit.release.checks import Check
from stagekit.release.evidence import Evidence
from stagekit.release.manifests import Identity
from stagekit.release.model import Model
from stagekit.release.params import ReleaseParams
from stagekit.release.policy import Decision


@dataclass(frozen=True, slots=True)
class Subject:
    """What a card is about; `balance` is split's table of counts."""

    identity: Identity
    model: Model
    figures: dict[str, Any]
    decision: Decision
    evidence: Evidence
    params: ReleaseParams
    balance: Path | None = None


def model_card(subject: Subject) -> str:
    """Give the card's text."""
    figures, params = subject.figures, subject.params
    sections = (
        f"# {subject.identity.served_name(params)}",
        _summary(subject),
        _LIMITS,
        f"## How good it is\n\nOn the {_photos(figures)} of the test split, from which no model has learned. "
        "Intervals say how much a figure would move with other photos of the same kind.\n\n"
        + how_good(figures),
        "## Where it is weak\n\n" + where_weak(figures),
        "## What it has learned from\n\n" + data_section(params.data, subject.balance),
        "## What it is\n\n" + records(subject.model.folder),
        "## Why it was released\n\n" + "\n".join(_line(check) for check in subject.decision.checks),
        "## How to make it again\n\n" + origin(subject.evidence),
        "## Its files\n\n" + _files(subject.model),
    )
    return "\n\n".join(sections) + "\n"


def _summary(subject: Subject) -> str:
    figures, waived = subject.figures, [check.name for check in subject.decision.checks if check.waived]
    said = f"**waived were: {', '.join(waived)}**" if waived else "nothing was waived"
    cost = ""
    if figures.get("cost"):
        millions = float(figures["cost"].get("parameters") or 0) / 1e6
        cost = (
            f" It has {millions:.1f} million weights, and costs {number(figures, 'cost.gmacs', 2)} billion "
        )
        cost += "multiplications a photo."
    return (
        "Segments a photo of a cat or a dog into pet, background and the border between them. Mean IoU "
        f"**{number(figures, 'mean_iou')}** on {_photos(figures)}.{cost} "
        f"Released by policy; {said}."
    )


def _photos(figures: dict[str, Any]) -> str:
    samples = figures.get("samples")
    return f"{samples} photos" if isinstance(samples, int) else "photos"


def _line(check: Check) -> str:
    mark = "waived" if check.waived else "yes" if check.passed else "no"
    return f"* {mark}: {check.reason.removeprefix('waived: ')}"


def _files(model: Model) -> str:
    return (
        "`provenance.json` (in-toto, SLSA) binds them to all that was read; `proof.json` holds the engine's "
        f"signed statements. Content of the model itself: `{model.id}`.\n\n"
        + table(("file", "SHA-256"), [(f"`{name}`", f"`{digest}`") for name, digest in model.digests.items()])
    )


_LIMITS = """## What it is for, and what not

For pictures like those that it was trained on, with one cat or dog as their main subject: a model trained on
the drawn animals that stand in for photos by default knows those only. It knows no other animal, no people,
and no picture without a pet; there its answer means nothing, however sure it is. Expect less of it with
several pets at once, heavy occlusion and night pictures. The border is a band whose width the annotators
chose; do not measure anything by it. Do not use it where a wrong mask can harm somebody."""
