"""History as a table and as curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stagekit.canonical import write_csv
from stagekit.report.figures import COLOURS, INK, MUTED, panels, save
from stagekit.samples import CLASSES
from stagekit.train.fit import Epoch, Fit

_COLUMNS = (
    "epoch",
    "learning_rate",
    "training_loss",
    "validation_loss",
    "validation_mean_iou",
    *(f"validation_iou_{name}" for name in CLASSES),
    "best",
)


def write_history(path: Path, fit: Fit) -> None:
    """Write one row an epoch; `best` is 1 in the row whose weights were kept."""
    write_csv(path, _COLUMNS, [_row(epoch, epoch is fit.best) for epoch in fit.history])


def draw_curves(path: Path, fit: Fit) -> None:
    """Draw losses and validation IoU over the epochs, the kept epoch marked."""
    figure, ((left, right),) = panels(2)
    numbers = [epoch.number for epoch in fit.history]
    left.plot(
        numbers, [epoch.training_loss for epoch in fit.history], color=MUTED, label="training (total loss)"
    )
    left.plot(
        numbers,
        [epoch.validation_loss for epoch in fit.history],
        color=INK,
        label="validation (cross-entropy)",
    )
    left.set(title="Loss", xlabel="epoch", ylim=(0, None))
    right.plot(numbers, [epoch.validation.mean_iou for epoch in fit.history], color=INK, lw=2.2, label="mean")
    for place, name in enumerate(CLASSES):
        values = [epoch.validation.iou[place] for epoch in fit.history]
        right.plot(numbers, _drawable(values), color=COLOURS[name], label=name)
    right.set(title="IoU on validation", xlabel="epoch", ylim=(0, 1))
    for panel in (left, right):
        panel.axvline(fit.best.number, color=MUTED, lw=1, ls=":")
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.legend()
    save(figure, path)


def _row(epoch: Epoch, best: bool) -> list[float | int | None]:
    return [
        epoch.number,
        epoch.learning_rate,
        epoch.training_loss,
        epoch.validation_loss,
        epoch.validation.mean_iou,
        *epoch.validation.iou,
        int(best),
    ]


def _drawable(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]
