"""What a stage may take, and what holds it to that: for jobs, and for the statements about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calf.kit import durations

if TYPE_CHECKING:
    from calf.model.spec.pipeline import PipelineSpec

NOTHING = "nothing"
CLOCK = "the server's clock, for the whole process tree"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit by its name, in words how much it is, and what enforces it here: `NOTHING`, if need be."""

    name: str
    value: str
    by: str


def in_force(spec: PipelineSpec, of_worker: Iterable[Limit]) -> tuple[Limit, ...]:
    """All limits of a spec: those that its worker says how it holds to, and those that are not a worker's."""
    return (*of_worker, *_of_processors(spec), *_of_time(spec))


def _of_processors(spec: PipelineSpec) -> Iterator[Limit]:
    """They tell a cluster where there is room, and hold nobody to anything here."""
    limits = spec.resource_limits
    if limits and limits.cpu:
        yield Limit("cpu", f"{limits.cpu:g}", NOTHING)
    if limits and limits.gpu and limits.gpu.number:
        yield Limit("gpu", f"{limits.gpu.number} {limits.gpu.type}".strip(), NOTHING)


def _of_time(spec: PipelineSpec) -> Iterator[Limit]:
    for name, seconds in (("datum_timeout", spec.datum_timeout), ("job_timeout", spec.job_timeout)):
        if seconds:
            yield Limit(name, durations.format(seconds), CLOCK)
