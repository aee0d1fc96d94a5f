from __future__ import annotations

import os
import random

import numpy as np
import pytest

from stagekit.determinism import seed_everything


def test_the_same_seed_draws_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    drawn = []
    for seed in (5, 5, 6):
        seed_everything(seed)
        drawn.append((random.random(), float(np.random.random())))
    assert drawn[0] == drawn[1] != drawn[2]


def test_blas_gets_one_thread_whatever_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"OPENBLAS_NUM_THREADS": "8"})
    seed_everything(1)
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
