"""Walking a graph of rows, level by level: provenance and subvenance of commits and branches."""

from __future__ import annotations

from collections.abc import Callable, Iterable

MOST = 10_000
DEEPEST = 1_000


def walk(
    start: Iterable[int], near: Callable[[int], list[int]], most: int = 0, deepest: int = 0
) -> list[int]:
    """What is reached from `start` by steps to `near`, without `start`, the nearest first, nothing twice.

    At most `most` (0: 10,000) rows, at most `deepest` (0: 1,000) steps away.
    """
    level = list(dict.fromkeys(start))
    seen = set(level)
    found: list[int] = []
    for _ in range(deepest or DEEPEST):
        beyond = dict.fromkeys(number for row in level for number in near(row))
        level = [number for number in beyond if number not in seen]
        seen.update(level)
        found += level
        if not level or len(found) >= (most or MOST):
            break
    return found[: most or MOST]
