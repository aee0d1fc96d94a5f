"""The history of a fit: a table with one row an epoch, kept with the model, and drawn in reports."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from stagekit.canonical import write_csv
from stagekit.errors import StageError
from stagekit.report.figures import COLOURS, INK, MUTED, panels
from stagekit.samples import CLASSES

COLUMNS = (
    "epoch",
    "learning_rate",
    "training_loss",
    "validation_loss",
    "validation_mean_iou",
    *(f"validation_iou_{name}" for name in CLASSES),
    "best",
)
"""`best` is 1 in the row whose weights were kept, else 0; an IoU that does not exist is empty."""

Row = Mapping[str, float | None]


def write_history(path: Path, rows: Sequence[Row]) -> None:
    """Write the table."""
    write_csv(path, COLUMNS, [[row[column] for column in COLUMNS] for row in rows])


def read_history(path: Path) -> list[Row]:
    """Read the table. Raises `StageError` when it is missing or has other columns."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            lines = list(csv.DictReader(stream))
        return [
            {column: float(line[column]) if line[column] else None for column in COLUMNS} for line in lines
        ]
    except (OSError, KeyError, ValueError) as error:
        raise StageError(f"{path}: no training history ({error!r})") from error


def history_figure(rows: Sequence[Row]) -> Figure:
    """Draw losses and validation IoU over the epochs, the kept epoch marked."""
    figure, ((left, right),) = panels(2)
    numbers = _values(rows, "epoch")
    left.plot(numbers, _values(rows, "training_loss"), color=MUTED, label="training, total")
    left.plot(numbers, _values(rows, "validation_loss"), color=INK, label="validation, cross-entropy")
    left.set(title="Loss", xlabel="epoch", ylim=(0, None))
    right.plot(numbers, _values(rows, "validation_mean_iou"), color=INK, lw=2.4, label="mean")
    for name in CLASSES:
        right.plot(numbers, _values(rows, f"validation_iou_{name}"), color=COLOURS[name], label=name)
    right.set(title="IoU on validation", xlabel="epoch", ylim=(0, 1))
    kept = [number for number, best in zip(numbers, _values(rows, "best"), strict=True) if best]
    for panel in (left, right):
        for number in kept:
            panel.axvline(number, color=MUTED, lw=1, ls=":")
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.legend()
    return figure


def _values(rows: Sequence[Row], column: str) -> list[float]:
    """Give a column; matplotlib leaves out what is not a number."""
    return [float("nan") if (value := row[column]) is None else value for row in rows]
