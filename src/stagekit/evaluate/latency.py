"""Seconds a photo, one at a time: measured for people, and kept out of everything canonical."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.canonical import write_json
from stagekit.determinism import INTRA_OP_THREADS


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds from a photo's bytes to each pixel's class, on this machine as busy as it was."""

    median_ms: float
    p95_ms: float
    photos: int
    threads: int

    def sentence(self) -> str:
        """Say it for the log."""
        return (
            f"latency of one photo: median {self.median_ms:.1f} ms, 95th percentile {self.p95_ms:.1f} ms "
            f"({self.photos} photos, {self.threads} threads, this machine as it is now)"
        )


def measure(answer: Callable[[Any], Any], images: Any, photos: int) -> Timing:
    """Time `answer` on single photos, after one that warms up; too few photos come round again."""
    answer(images[:1])
    spent = []
    for number in range(photos):
        place = number % len(images)
        start = time.perf_counter()
        answer(images[place : place + 1])
        spent.append((time.perf_counter() - start) * 1000.0)
    return Timing(float(np.median(spent)), float(np.quantile(spent, 0.95)), photos, INTRA_OP_THREADS)


def write_timing(path: Path, timing: Timing) -> None:
    """Write `latency.json`: the one output of evaluate that differs from run to run."""
    write_json(path, asdict(timing))
