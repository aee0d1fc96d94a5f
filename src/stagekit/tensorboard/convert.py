"""From the tables that tune left to runs of TensorBoard: one a trial, and one of the model that goes on."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from stagekit.errors import StageError
from stagekit.tensorboard.events import Run, Scalar, write_run

TRIALS, TRIAL_EPOCHS, HISTORY, BEST = "trials.csv", "trial_epochs.csv", "history.csv", "best.json"
_OF_TRIAL = ("trial", "state", "validation_mean_iou", "epochs")
"""The columns of a trial that are no hyper-parameters."""
_OF_EPOCH = ("epoch", "best")
"""The columns of the history that are no figures."""

_Row = Mapping[str, str]


def convert(tune: Path, logs: Path) -> tuple[str, ...]:
    """Write an event file a run below `logs`; gives the names of the runs.

    Raises `StageError` when a file of tune's is missing or is not what tune writes.
    """
    runs = (*_trials(tune), _model(tune))
    for run in runs:
        write_run(logs, run)
    return tuple(run.name for run in runs)


def _trials(tune: Path) -> tuple[Run, ...]:
    epochs = _read_table(tune / TRIAL_EPOCHS)
    try:
        return tuple(_trial(row, epochs) for row in _read_table(tune / TRIALS))
    except (KeyError, TypeError, ValueError) as error:
        raise StageError(
            f"{tune}: {TRIALS} and {TRIAL_EPOCHS} are no tables of trials ({error!r})"
        ) from error


def _trial(row: _Row, epochs: Sequence[_Row]) -> Run:
    """One trial; its score is the best of its epochs, where the curve may end lower."""
    score = Scalar("score", int(row["epochs"]), float(row["validation_mean_iou"]))
    curve = [
        Scalar("validation/mean_iou", int(epoch["epoch"]), float(epoch["validation_mean_iou"]))
        for epoch in epochs
        if epoch["trial"] == row["trial"]
    ]
    hyperparameters = {name: float(cell) for name, cell in row.items() if name not in _OF_TRIAL}
    return Run(f"trials/{int(row['trial']):03}", (*curve, score), {"state": row["state"], **hyperparameters})


def _model(tune: Path) -> Run:
    path = tune / HISTORY
    try:
        points = tuple(
            Scalar(_tag(column), int(row["epoch"]), float(cell))
            for row in _read_table(path)
            for column, cell in row.items()
            if column not in _OF_EPOCH and cell
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StageError(f"{path}: no training history ({error!r})") from error
    return Run("model", points, notes={"choice": _choice(tune / BEST)})


def _tag(column: str) -> str:
    """`validation_iou_pet` is the chart `iou_pet` in the group `validation`."""
    split, _, name = column.partition("_")
    return f"{split}/{name}" if split in {"training", "validation"} else column


def _choice(path: Path) -> str:
    try:
        best = json.loads(path.read_text(encoding="utf-8"))
        return f"The model that goes on is that of the **{best['source']}**: {best['reason']}."
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StageError(f"{path}: no choice of tune's ({error!r})") from error


def _read_table(path: Path) -> Sequence[_Row]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except FileNotFoundError as error:
        raise StageError(
            f"{path} is missing: an older tune did not write it, so tune has to run again"
        ) from error
    except (OSError, ValueError) as error:
        raise StageError(f"{path} cannot be read ({error})") from error
    if any(None in row or None in row.values() for row in rows):
        raise StageError(f"{path}: a row has more or fewer cells than there are columns")
    return rows
