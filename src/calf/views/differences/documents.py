"""JSON documents: which key has another value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from calf.views.differences.pair import Difference, Pair, Unreadable, clip

_LARGEST = 64 * 1024 * 1024
_COUNTED = 1_000_000
_SHOWN = 5
GONE = object()
"""Stands for a value that is not there."""


def describe_documents(pair: Pair) -> Difference:
    """The first keys whose values differ, and how many more do. Raises `Unreadable` for what is no JSON."""
    recorded, again = _load(pair.recorded), _load(pair.again)
    found = list(islice(leaves_that_differ(recorded, again), _COUNTED))
    if not found:
        return Difference("json", ("the same values, written in another way (order of keys, spaces)",))
    more = len(found) - _SHOWN
    lines = [f"{path or '.'}: {_show(old)} → {_show(new)}" for path, old, new in found[:_SHOWN]]
    return Difference("json", (*lines, *([f"and {more} more"] if more > 0 else [])))


def _load(path: Path) -> Any:
    if path.stat().st_size > _LARGEST:
        raise Unreadable(f"{path} is large")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise Unreadable(f"{path} is no JSON") from None


def leaves_that_differ(recorded: Any, again: Any) -> Iterator[tuple[str, Any, Any]]:
    """Path, old and new value of each leaf that differs, in the order of the recorded document."""
    todo: list[tuple[str, Any, Any]] = [("", recorded, again)]
    while todo:
        path, old, new = todo.pop()
        if isinstance(old, dict) and isinstance(new, dict):
            keys = [*old, *(key for key in new if key not in old)]
            todo += [(f"{path}.{key}", old.get(key, GONE), new.get(key, GONE)) for key in reversed(keys)]
        elif isinstance(old, list) and isinstance(new, list):
            todo += [
                (f"{path}[{at}]", _at(old, at), _at(new, at))
                for at in reversed(range(max(len(old), len(new))))
            ]
        elif repr(old) != repr(new):  # so that 1 is not 1.0, and NaN is NaN
            yield path.removeprefix("."), old, new


def _at(values: list[Any], at: int) -> Any:
    return values[at] if at < len(values) else GONE


def _show(value: Any) -> str:
    return "(none)" if value is GONE else clip(json.dumps(value, ensure_ascii=False))
