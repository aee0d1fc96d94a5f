"""A bar of blocks that shows how far a set of jobs or commits is."""

from __future__ import annotations

WIDTH = 8


def block_bar(good: int, pending: int, bad: int) -> str:
    """Eight blocks: `▇` for what is done well, `·` for what is not over, `✗` for what failed.

    Told apart without colours; whatever is there at all gets a block as long as there are enough.
    """
    total = good + pending + bad
    if not total:
        return " " * WIDTH
    failed = min(WIDTH, -(-bad * WIDTH // total))
    open_ = min(WIDTH - failed, -(-pending * WIDTH // total))
    return "▇" * (WIDTH - failed - open_) + "·" * open_ + "✗" * failed
