"""Datums in sets: what a worker takes at a time, and what one process of a batching stage works through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calf.model.spec.parts import DatumSetSpec
from calf.pps.scheduler.work import Task

SETS_A_WORKER = 4
"""How many sets each worker gets when the spec does not say: enough to even out slow ones."""


def datum_sets(tasks: Sequence[Task], spec: DatumSetSpec | None, workers: int) -> Iterator[Sequence[Task]]:
    """All tasks, in order, cut as the spec says: by bytes, else by number, else so many sets a worker."""
    spec = spec or DatumSetSpec()
    if spec.size_bytes:
        return _by_size(tasks, spec.size_bytes)
    number = spec.number or max(1, len(tasks) // (workers * (spec.per_worker or SETS_A_WORKER)))
    return (tasks[start : start + number] for start in range(0, len(tasks), number))


def _by_size(tasks: Sequence[Task], enough: int) -> Iterator[Sequence[Task]]:
    """A set is closed once it holds so many bytes of input."""
    start = size = 0
    for place, task in enumerate(tasks, start=1):
        size += sum(part.size for part in task.inputs)
        if size >= enough:
            yield tasks[start:place]
            start, size = place, 0
    if start < len(tasks):
        yield tasks[start:]
