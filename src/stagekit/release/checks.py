"""One condition of a release, and in words how it came out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One condition: the figure (if it is about one), what it was held against, and how it came out.

    `waived`: it does not hold, and the policy does not ask for it.
    """

    name: str
    passed: bool
    reason: str
    metric: str = ""
    value: float | None = None
    bound: float | None = None
    waived: bool = False

    @property
    def stops(self) -> bool:
        """Whether there can be no release because of it."""
        return not (self.passed or self.waived)
