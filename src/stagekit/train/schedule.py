"""The learning rate over time: a linear climb, then half a cosine down to zero."""

from __future__ import annotations

import math


def rate(step: int, total: int, warmup: int) -> float:
    """Give the share of the peak learning rate at `step` of 0..total-1; `warmup` steps climb to it."""
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return 0.5 * (1.0 + math.cos(math.pi * (step - warmup) / (total - warmup)))
