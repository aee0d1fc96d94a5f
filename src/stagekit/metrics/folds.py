"""Folds of whole photos, for answers that must not have seen the photo that they are about.

The pixels of one photo are not independent, so a photo is in one fold with all of them.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np


def fold_numbers(ids: tuple[str, ...], folds: int, seed: int) -> Any:
    """Give each id its fold, (n,): ids are dealt round in the order of a hash of seed and id.

    There are never more folds than ids, and none is empty; so a photo that comes or goes can move others.
    """
    order = sorted(range(len(ids)), key=lambda place: _key(seed, ids[place]))
    numbers = np.empty(len(ids), dtype=np.int64)
    numbers[order] = np.arange(len(ids)) % min(folds, len(ids))
    return numbers


def _key(seed: int, sample_id: str) -> bytes:
    return hashlib.sha256(f"folds/{seed}/{sample_id}".encode()).digest()
