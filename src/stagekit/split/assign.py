"""Which split a sample belongs to: by its id alone, so that it never moves when others come or go."""

from __future__ import annotations

import hashlib

from stagekit.split.params import SHARES, Shares

SPLITS = ("training", "validation", "calibration", "test")
PRUNED = "pruned"
"""Where a training sample stands in the manifest that was left out; it has no folder."""


def residue(sample_id: str) -> int:
    """Give md5(id) modulo ten, the digest taken as one big-endian number; it protects nothing."""
    return int(hashlib.md5(sample_id.encode(), usedforsecurity=False).hexdigest(), 16) % SHARES


def split_of(sample_id: str, shares: Shares) -> str:
    """Give the split of a sample: the residues 0 to 9 are dealt in order, each split its share of them."""
    upper = 0
    for name in SPLITS:
        upper += getattr(shares, name)
        if residue(sample_id) < upper:
            return name
    raise AssertionError("the shares cover all residues")  # Shares.rules checks it
