"""How long to wait before something that failed is tried again."""

from __future__ import annotations

from collections.abc import Iterator


def backoff(usual: float) -> Iterator[float]:
    """Seconds to wait, endlessly: from a tenth of the usual time, doubling, up to three times of it."""
    delay, most = usual / 10, usual * 3
    while True:
        yield delay
        delay = min(2 * delay, most)
