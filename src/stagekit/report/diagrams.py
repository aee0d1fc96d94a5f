"""Diagrams that more than one stage draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from stagekit.metrics.confidence import Reliability
from stagekit.report.figures import COLOURS, INK, MUTED, panels


def reliability_figure(diagrams: Mapping[str, Reliability], confidence: str = "confidence") -> Figure:
    """Draw reliability diagrams side by side: `confidence` (its name) against the share of right pixels.

    Bars below the diagonal are over-confident. Their strength of colour shows how many pixels a bin holds.
    """
    width = min(4.0 * len(diagrams), 9.0)
    figure, axes = panels(len(diagrams), width=width, height=width / len(diagrams) * 0.93)
    for panel, (title, diagram) in zip(axes[0], diagrams.items(), strict=True):
        _reliability(panel, diagram)
        panel.set(xlim=(0, 1), ylim=(0, 1), xlabel=confidence, aspect="equal")
        panel.set_title(f"{title}: ECE {diagram.error:.4f}")
    axes[0][0].set_ylabel("share of right pixels")
    return figure


def confusion_figure(matrix: Any, classes: Sequence[str]) -> Figure:
    """Draw a confusion matrix as shares of each true class."""
    figure, ((panel,),) = panels(1, width=4.8, height=3.6)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row in range(len(classes)):
        for column in range(len(classes)):
            value = shares[row, column]
            panel.text(
                column, row, f"{value:.1%}", ha="center", va="center", color="white" if value > 0.5 else INK
            )
    panel.set_xticks(range(len(classes)), classes)
    panel.set_yticks(range(len(classes)), classes)
    panel.set(xlabel="predicted", ylabel="true")
    panel.grid(visible=False)
    return figure


def _reliability(panel: Any, diagram: Reliability) -> None:
    bins = len(diagram.count)
    share = np.asarray(diagram.count) / sum(diagram.count)
    for place in range(bins):
        panel.bar(
            place / bins,
            diagram.accuracy[place],
            1 / bins,
            align="edge",
            color=COLOURS["background"],
            alpha=0.25 + 0.75 * float(np.sqrt(share[place] / share.max())),
        )
    filled = [place for place in range(bins) if diagram.count[place]]
    panel.plot(
        [diagram.confidence[place] for place in filled],
        [diagram.accuracy[place] for place in filled],
        "o-",
        color=INK,
        ms=3.5,
        lw=1,
    )
    panel.plot([0, 1], [0, 1], "--", color=MUTED, lw=1)
