"""Overlays: what the model saw, what it should have said, what it said, and where it was wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from stagekit.evaluate.evaluation import Evaluation
from stagekit.metrics.segmentation import scores
from stagekit.report.figures import COLOURS, INK, MUTED, panels
from stagekit.samples import CLASSES

_TITLES = ("photo", "truth", "model", "wrong pixels", "confidence")
_STRENGTH = {"pet": 0.5, "background": 0.0, "border": 0.85}
_WRONG = (214, 39, 112)


def overlays_figure(evaluation: Evaluation, places: list[int]) -> Figure:
    """Draw one row a sample, with its name and mean IoU at its left."""
    figure, axes = panels(len(_TITLES), len(places), width=9.0, height=0.3 + 1.86 * len(places))
    for row, place in zip(axes, places, strict=True):
        image, mask = evaluation.data.images[place], evaluation.data.masks[place]
        guess = evaluation.answers.predictions[place]
        pictures = (image, overlay(image, mask), overlay(image, guess), mistakes(image, mask != guess))
        for panel, picture in zip(row, pictures, strict=False):
            _plain(panel).imshow(picture, interpolation="nearest")
        confidence = evaluation.answers.probabilities[place].max(axis=-1)
        _plain(row[-1]).imshow(
            confidence, cmap="viridis", vmin=1 / len(CLASSES), vmax=1, interpolation="nearest"
        )
        row[0].set_ylabel(_named(evaluation, place), fontsize=8.5, color=MUTED, parse_math=False)
    for panel, title in zip(axes[0], _TITLES, strict=True):
        panel.set_title(title)
    return figure


def strip_figure(evaluation: Evaluation, places: list[int]) -> Figure:
    """Draw photos with the model's answers below them, small, for a first look."""
    figure, axes = panels(len(places), 2, width=0.3 + 1.45 * len(places), height=3.15)
    for place, column in zip(places, axes.T, strict=True):
        image = evaluation.data.images[place]
        _plain(column[0]).imshow(image, interpolation="nearest")
        _plain(column[1]).imshow(
            overlay(image, evaluation.answers.predictions[place]), interpolation="nearest"
        )
        own = scores(evaluation.answers.matrices[place]).mean_iou
        column[1].set_xlabel(f"IoU {own:.3f}", fontsize=8.5, color=MUTED)
    for panel, name in zip(axes[:, 0], ("photo", "model"), strict=True):
        panel.set_ylabel(name, color=INK)
    return figure


def overlay(image: Any, mask: Any) -> Any:
    """Tint a picture (size, size, 3) uint8 by the classes of a mask; background stays as it is."""
    tinted = image.astype(np.float64)
    for value, name in enumerate(CLASSES):
        colour = np.array(
            [int(COLOURS[name][start : start + 2], 16) for start in (1, 3, 5)], dtype=np.float64
        )
        here = mask == value
        tinted[here] += (colour - tinted[here]) * _STRENGTH[name]
    return np.rint(tinted).astype(np.uint8)


def mistakes(image: Any, wrong: Any) -> Any:
    """Show wrong pixels (size, size) bool in colour on the greyed picture."""
    grey = image.mean(axis=-1, keepdims=True) * 0.6 + 90.0
    shown = np.repeat(grey, 3, axis=-1)
    shown[wrong] = _WRONG
    return np.rint(shown).astype(np.uint8)


def _named(evaluation: Evaluation, place: int) -> str:
    own = scores(evaluation.answers.matrices[place]).mean_iou
    return f"{evaluation.data.ids[place]}\nIoU {own:.3f}"


def _plain(panel: Any) -> Any:
    """Take a panel's axes away."""
    panel.set(xticks=[], yticks=[])
    panel.grid(visible=False)
    panel.spines[:].set_visible(False)
    return panel
