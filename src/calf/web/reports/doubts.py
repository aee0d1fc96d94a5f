"""What a reader is to know before trusting a model, whatever was decided about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from calf.web.reports.limits import limit_doubts
from calf.web.reports.replayed import open_doubts


def doubts(
    says: Mapping[str, Any],
    held: Sequence[Mapping[str, Any]],
    decided: Mapping[str, Any] | None,
    again: Mapping[str, Any] | None,
    figures: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """What its own `figures` say (`opinion`), and how they moved; the limits `held` that ask nothing; and of
    the decision, if there is one, what no replay has answered since.
    """
    left = open_doubts(decided, again) if decided is not None else ()
    return [*says["against"], *_worse(figures), *limit_doubts(held), *left]


def _worse(figures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for each in figures:
        if each["word"] == "worse" and each["apart"]:
            fell = f"{each['before']:.4g} → {each['value']:.4g}"
            yield f"{each['name']} is worse than in the report before, {fell}, and the intervals are apart"
