"""Which hyper-parameters mattered: rank correlation of value and score over the complete trials.

A few trials say little, so the figure shows the trials themselves too. Pruned trials are drawn, not counted:
they were stopped early, and their scores are of another kind.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stagekit.report.figures import COLOURS, INK, panels, save
from stagekit.tune.params import Space
from stagekit.tune.search import Trial


def importances(trials: tuple[Trial, ...], names: tuple[str, ...]) -> dict[str, float | None]:
    """Give Spearman's rank correlation of each parameter with the score, -1 to 1; None where it has none."""
    complete = [trial for trial in trials if not trial.pruned]
    scores = [trial.score for trial in complete]
    return {
        name: rank_correlation([getattr(trial.parameters, name) for trial in complete], scores)
        for name in names
    }


def rank_correlation(first: list[float], second: list[float]) -> float | None:
    """Give Spearman's correlation, ties at their mean rank; None for fewer than three pairs or no spread."""
    a, b = _ranks(first), _ranks(second)
    spread = float(np.sqrt((a**2).sum() * (b**2).sum()))
    if len(first) < 3 or spread == 0.0:
        return None
    return float((a * b).sum() / spread)


def draw_importance(path: Path, trials: tuple[Trial, ...], space: Space) -> None:
    """Draw each searched parameter against the score, its rank correlation in the title."""
    names = tuple(space.chosen())
    correlations = importances(trials, names)
    figure, axes = panels(len(names), width=2.2 * len(names), height=2.7)
    for panel, name in zip(axes[0], names, strict=True):
        panel.sharey(axes[0][0])
        for trial in trials:
            colour = COLOURS["pet"] if trial.number == 0 else INK
            marker, fill = ("x", colour) if trial.pruned else ("o", colour)
            panel.plot(getattr(trial.parameters, name), trial.score, marker, color=fill, ms=6)
        correlation = correlations[name]
        panel.set_title("" if correlation is None else f"rank correlation {correlation:+.2f}", fontsize=8.5)
        panel.set_xlabel(name.replace("_", " "))
        bounds = space.chosen()[name]
        panel.set_xscale("log" if bounds.log else "linear")
        panel.set_xticks([bounds.low, bounds.high], [f"{bounds.low:g}", f"{bounds.high:g}"])
        panel.minorticks_off()
    axes[0][0].set_ylabel("validation mean IoU")
    save(figure, path)


def _ranks(values: list[float]) -> np.ndarray:
    """Give centred ranks, equal values at their mean rank."""
    array = np.asarray(values, dtype=np.float64)
    below = (array[:, None] > array[None, :]).sum(axis=1)
    equal = (array[:, None] == array[None, :]).sum(axis=1)
    ranks: np.ndarray = below + (equal - 1) / 2.0
    return ranks - ranks.mean()
