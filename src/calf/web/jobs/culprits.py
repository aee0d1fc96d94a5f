"""Whose failure it is that a job could not run: the first ones upstream that failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

_NAMED = 3


def culprits(key: str, above: Mapping[str, Iterable[str]], failed: Collection[str]) -> list[str]:
    """Those of `failed` that are before `key`, nearest first; what is behind one of them is not looked at."""
    waiting, seen, found = [key], {key}, []
    while waiting:
        at = waiting.pop(0)
        if at in failed:
            found.append(at)
            continue
        unseen = sorted(set(above.get(at, ())) - seen)
        seen.update(unseen)
        waiting += unseen
    return found


def blamed(names: Sequence[str]) -> str:
    """`a, b and 2 more failed`; empty for none."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more} failed" if names else ""
