"""The evaluation's own diagrams: slices with their intervals, and the score of photos that get worse."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.robustness import Robustness
from stagekit.evaluate.slices import Slice
from stagekit.report.figures import COLOURS, INK, MUTED, panels
from stagekit.samples import CLASSES


def slices_figure(evaluation: Evaluation, parts: Sequence[Slice]) -> Figure:
    """Draw each slice's mean IoU with its interval, below that of all photos; small slices are grey."""
    headline, count = evaluation.headline, len(evaluation.data)
    rows = [("all photos", headline.scores.mean_iou, headline.interval, count, INK)]
    for part in parts:
        colour = COLOURS["background"] if part.enough else MUTED
        name = f"{part.kind}: {part.name.replace('_', ' ')}"
        rows.append((name, part.scores.mean_iou, part.interval, part.samples, colour))
    figure, ((panel,),) = panels(1, width=8.0, height=0.9 + 0.3 * len(rows))
    for row, (_, value, (low, high), _, colour) in enumerate(rows):
        panel.plot([low, high], [row, row], color=colour, lw=2.2, solid_capstyle="round")
        panel.plot([value], [row], "o", color=colour, ms=6)
    panel.axvline(headline.scores.mean_iou, color=MUTED, lw=1, ls=":")
    labels = [f"{name}  (n = {samples})" for name, _, _, samples, _ in rows]
    panel.set_yticks(range(len(rows)), labels, parse_math=False)
    panel.set(ylim=(len(rows) - 0.5, -0.5), xlabel="mean IoU, with 95% interval")
    panel.grid(visible=False, axis="y")
    panel.spines["left"].set_visible(False)
    panel.tick_params(axis="y", length=0)
    return figure


def robustness_figure(robustness: Robustness) -> Figure:
    """Draw the mean IoU and each class's IoU over the strength of each change that was measured."""
    curves = {
        "change of each value against the model, of 255": robustness.fgsm,
        "radius of the blur in pixels": robustness.blur,
    }
    measured = {name: curve for name, curve in curves.items() if curve}
    figure, (row,) = panels(len(measured), width=1.0 + 4.0 * len(measured), height=3.2)
    for panel, (name, curve) in zip(row, measured.items(), strict=True):
        strengths = [changed.strength for changed in curve]
        panel.plot(
            strengths, [changed.scores.mean_iou for changed in curve], "o-", color=INK, lw=2.2, label="mean"
        )
        for value, label in enumerate(CLASSES):
            own = [changed.scores.iou[value] for changed in curve]
            shown = [float("nan") if iou is None else iou for iou in own]
            panel.plot(strengths, shown, "o-", color=COLOURS[label], ms=4, label=label)
        panel.set(xlabel=name, ylim=(0, 1))
        panel.set_xticks(strengths)
    row[0].set_ylabel("IoU")
    row[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
