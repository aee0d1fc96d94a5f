"""How the search went: every trial's score in the order of the trials, and the best so far."""

from __future__ import annotations

from pathlib import Path

from stagekit.report.figures import COLOURS, INK, MUTED, panels, save
from stagekit.tune.search import Trial


def best_so_far(trials: tuple[Trial, ...]) -> list[float]:
    """Give the best score of the complete trials up to each trial; the first one is always complete."""
    found: list[float] = []
    for trial in trials:
        before = found[-1] if found else float("-inf")
        found.append(before if trial.pruned else max(before, trial.score))
    return found


def draw_progress(path: Path, trials: tuple[Trial, ...]) -> None:
    """Draw the optimisation history: a dot a complete trial, a cross a pruned one, the baseline coloured."""
    figure, ((panel,),) = panels(1, width=7.0, height=3.2)
    numbers = [trial.number for trial in trials]
    panel.step(numbers, best_so_far(trials), where="post", color=MUTED, lw=1.4, label="best so far")
    panel.axhline(trials[0].score, color=COLOURS["pet"], lw=1, ls=":")
    for pruned, marker, label in ((False, "o", "complete"), (True, "x", "stopped early")):
        shown = [trial for trial in trials if trial.pruned is pruned and trial.number]
        points = [trial.number for trial in shown], [trial.score for trial in shown]
        panel.plot(*points, marker, color=INK, ms=5, ls="", label=label)
    panel.plot(0, trials[0].score, "o", color=COLOURS["pet"], ms=6, ls="", label="baseline")
    panel.set(xlabel="trial", ylabel="validation mean IoU")
    panel.set_title("The search, trial by trial")
    panel.xaxis.get_major_locator().set_params(integer=True)
    panel.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    save(figure, path)
