"""Near-duplicates: samples whose perceptual hashes differ in few bits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def duplicate_groups(hashes: Mapping[str, str], max_distance: int) -> list[tuple[str, ...]]:
    """Group ids by nearness of their hashes (16 hexadecimal digits): groups are sorted and have two or more.

    Nearness is taken transitively: a near b and b near c makes one group, even where a is not near c.
    """
    ids = sorted(hashes)
    codes = np.array([int(hashes[name], 16) for name in ids], dtype=np.uint64)
    lowest = list(range(len(ids)))
    for at in range(len(ids)):
        distances = np.bitwise_count(codes[at + 1 :] ^ codes[at])
        for offset in np.flatnonzero(distances <= max_distance).tolist():
            _join(lowest, at, at + 1 + offset)
    groups: dict[int, list[str]] = {}
    for at, name in enumerate(ids):
        groups.setdefault(_root(lowest, at), []).append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _join(lowest: list[int], one: int, other: int) -> None:
    """Make two groups one, under the lower of their two lowest members."""
    first, second = sorted((_root(lowest, one), _root(lowest, other)))
    lowest[second] = first


def _root(lowest: list[int], at: int) -> int:
    while lowest[at] != at:
        lowest[at] = lowest[lowest[at]]
        at = lowest[at]
    return at
