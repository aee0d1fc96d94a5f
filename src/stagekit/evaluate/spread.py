"""The same training from other seeds: how much of a score is luck, and where the answers part.

After D'Amour et al., "Underspecification Presents Challenges for Credibility in Modern Machine Learning"
(2020): models that are equal on validation can differ where it matters. Train leaves its further models in
`members/<seed>/`, each a model folder like `model/`, which is compared with them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.dataset import Dataset
from stagekit.errors import StageError
from stagekit.metrics.segmentation import confusion, scores
from stagekit.samples import CLASSES

MEMBERS = "members"


def member_folders(trained: Path) -> list[Path]:
    """List train's model and its members. Raises `StageError` where it left no member."""
    members = sorted(path for path in (trained / MEMBERS).glob("*") if path.is_dir())
    if not members:
        raise StageError(
            f"evaluate.spread compares train's model with models of other seeds, and {trained / MEMBERS} "
            "holds none; set train.members to 1 or more, or evaluate.spread=false"
        )
    return [trained / "model", *members]


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean IoU over members: mean, standard deviation (n - 1), lowest, highest; `agreement` between pairs.

    Agreement is the mean IoU between two members' answers, the mean over all pairs.
    """

    members: int
    mean: float
    sd: float
    low: float
    high: float
    agreement: float

    def as_record(self) -> dict[str, float]:
        """Give the figures by name."""
        return asdict(self)


def spread(data: Dataset, answers: Sequence[Any]) -> Spread:
    """Compare the answers (n, size, size) of two models or more."""
    figures = [scores(confusion(data.masks, answer, len(CLASSES)).sum(axis=0)).mean_iou for answer in answers]
    agreements = [
        scores(confusion(one, other, len(CLASSES)).sum(axis=0)).mean_iou
        for one, other in itertools.combinations(answers, 2)
    ]
    mean = math.fsum(figures) / len(figures)
    return Spread(
        members=len(figures),
        mean=mean,
        sd=math.sqrt(math.fsum((figure - mean) ** 2 for figure in figures) / (len(figures) - 1)),
        low=min(figures),
        high=max(figures),
        agreement=float(np.mean(agreements)),
    )
