"""The learning-rate range test (Smith, 2017): one climb of the rate, and where it does most good.

A low rate changes nothing, a high one throws training off its course; the loss falls fastest in between. The
suggestion is a share of the rate at which the smoothed loss was lowest, since at that rate itself the loss is
about to rise.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.canonical import write_csv
from stagekit.dataset import Dataset
from stagekit.errors import StageError
from stagekit.report.figures import COLOURS, INK, MUTED, panels, save
from stagekit.train.batches import batches
from stagekit.train.fit import Trainer, constants
from stagekit.train.params import TrainParams
from stagekit.tune.params import RangeTest

SMOOTHING = 0.9
"""Of the moving mean of the losses, without which one batch's luck would decide."""
SHARE = 1.0 / 3.0
"""Of the rate with the lowest loss."""
LOST = 2.0
"""The climb ends where the smoothed loss is so many times its lowest."""
DIGITS = 2


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the climb: its rate, its batch's loss, and the moving mean of the losses so far."""

    rate: float
    loss: float
    smoothed: float


def climb(trainer: Trainer, data: Dataset, baseline: TrainParams, test: RangeTest) -> tuple[Step, ...]:
    """Train once with a rate that climbs evenly on a logarithmic scale; all else is the baseline's.

    Raises `StageError` where even the lowest rate ends training at once.
    """
    trainer.reset(baseline.seed)
    chosen = baseline.hyperparameters
    weights = (chosen.encoder_rate, chosen.dice_weight, chosen.border_weight)
    steps: list[Step] = []
    mean = 0.0
    for number, (images, masks) in enumerate(itertools.islice(_endless(data, baseline), test.steps)):
        rate = test.low * (test.high / test.low) ** (number / (test.steps - 1))
        loss = float(trainer.step(images, masks, *constants(rate, *weights)))
        if not math.isfinite(loss):
            break
        mean = SMOOTHING * mean + (1.0 - SMOOTHING) * loss
        steps.append(Step(rate, loss, mean / (1.0 - SMOOTHING ** (number + 1))))
        if steps[-1].smoothed > LOST * min(step.smoothed for step in steps):
            break
    if not steps:
        raise StageError(f"the loss is no number at tune.range_test.low={test.low:g} already; set it lower")
    return tuple(steps)


def suggestion(steps: tuple[Step, ...]) -> float:
    """Give the suggested peak rate, to two digits: finer ones would be chance."""
    lowest = min(steps, key=lambda step: (step.smoothed, step.rate))
    return float(f"{lowest.rate * SHARE:.{DIGITS - 1}e}")


def write_climb(out: Path, steps: tuple[Step, ...], suggested: float) -> None:
    """Write `range_test.csv` and `range_test.png`."""
    columns = ("step", "learning_rate", "loss", "smoothed_loss")
    rows = [(number, step.rate, step.loss, step.smoothed) for number, step in enumerate(steps)]
    write_csv(out / "range_test.csv", columns, rows)
    figure, ((panel,),) = panels(1, width=6.0, height=3.0)
    rates = [step.rate for step in steps]
    panel.plot(rates, [step.loss for step in steps], color=MUTED, lw=0.8, label="each batch")
    panel.plot(rates, [step.smoothed for step in steps], color=INK, lw=2, label="moving mean")
    panel.axvline(suggested, color=COLOURS["pet"], lw=1.4, ls="--", label=f"suggested: {suggested:g}")
    panel.set(xlabel="learning rate", ylabel="training loss", xscale="log")
    # The last step can be tens of times the first; what matters is the valley before it.
    panel.set_ylim(0.9 * min(step.loss for step in steps), 1.2 * steps[0].loss)
    panel.set_title("Learning-rate range test")
    panel.legend(loc="lower left")
    save(figure, out / "range_test.png")


def _endless(data: Dataset, baseline: TrainParams) -> Iterator[tuple[Any, Any]]:
    augmentation = (baseline.augmentation, baseline.hyperparameters.augmentation_strength)
    for epoch in itertools.count(1):
        yield from batches(data, baseline.batch_size, baseline.seed, epoch, augmentation)
