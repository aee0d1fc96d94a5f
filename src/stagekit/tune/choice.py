"""Which model goes on: the search's final fit, or train's where nothing beat it on validation."""

from __future__ import annotations

from dataclasses import dataclass

from stagekit.tune.search import Trial


@dataclass(frozen=True, slots=True)
class Choice:
    """`search` says whether the final fit goes on; `reason` says why, in words."""

    search: bool
    reason: str


def choose(best: Trial, final: float | None, baseline: float) -> Choice:
    """Decide by mean IoU on validation, after whole fits; a tie keeps the baseline.

    `best` is the best trial, `final` the score of the final fit with its parameters (None where the
    baseline's own trial was best, and no fit was needed), `baseline` that of train's model.
    """
    if final is None:
        return Choice(False, f"no trial beat the baseline's {best.score:.4f}; the baseline's model is kept")
    if final > baseline:
        return Choice(
            True,
            f"trial {best.number} won; its final fit scores {final:.4f}, the baseline {baseline:.4f}",
        )
    return Choice(
        False,
        f"trial {best.number} won, but its final fit scores {final:.4f} and not more than the baseline "
        f"({baseline:.4f}); the baseline's model is kept",
    )
