from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stagekit.metrics.confidence import softmax

Honest = Callable[..., tuple[Any, Any]]


@pytest.fixture(scope="session")
def honest() -> Honest:
    """Logits of a given shape, and truths drawn from exactly the probabilities that they mean."""

    def draw(*shape: int, seed: int = 3, spread: float = 2.0) -> tuple[Any, Any]:
        random = np.random.default_rng(seed)
        logits = random.normal(0.0, spread, (*shape, 3))
        cumulative = softmax(logits).cumsum(axis=-1)
        return logits, (random.random((*shape, 1)) > cumulative).sum(axis=-1).clip(0, 2)

    return draw
