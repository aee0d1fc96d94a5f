"""What became of replays, in words."""

from __future__ import annotations

from collections.abc import Iterator

from calf.kit import sizes
from calf.model.statement.replays import REPRODUCED, WITHIN_TOLERANCE
from calf.views.replay.outcome import Outcome
from calf.views.words import many

_SHORT = 8
_NAMED = 5
_NOTHING = (
    "nothing that is recorded: image, processor, isolation, engine, variables, secrets and spec are the same,"
    " so the stage itself is not the same twice (time, randomness, order of threads or of files)"
)

_CURE = "`calf image build FOLDER` from the code of that time mends the image; --anyway runs it as it is"


def words(outcome: Outcome) -> Iterator[str]:
    """The lines about one replay: one for a match, more for a difference."""
    name = _name(outcome.job)
    if outcome.result == REPRODUCED:
        yield f"{name}: reproduced, bit for bit ({_extent(outcome)})"
    elif outcome.result == WITHIN_TOLERANCE:
        yield f"{name}: reproduced within tolerance ({_extent(outcome)})"
    elif not outcome.ran:
        yield f"{name}: not run, since it is no longer what it was"
    elif outcome.failure:
        yield f"{name}: the new run failed ({seconds(outcome.seconds)}): {outcome.failure}"
    else:
        where = f"{outcome.number} files" if outcome.number > 1 else outcome.differing[0]
        yield f"{name}: differs in {where} ({seconds(outcome.seconds)})"
    yield from (f"  {line}" for line in outcome.notes)
    yield from (f"  changed: {line}" for line in outcome.faults)
    if not outcome.ran and not outcome.gone:
        yield f"  {_CURE}"
    yield from (f"  {line}" for line in _differences(outcome))
    for path, reason in outcome.tolerated.items():
        yield f"  within tolerance: {path}: {reason}"
    if not outcome.ok and outcome.ran:
        for line in outcome.environment or ([] if outcome.faults else [_NOTHING]):
            yield f"  around the stage: {line}"
    if outcome.scratch:
        yield f"  kept as {outcome.job.partition('@')[0].partition('/')[2]}@{outcome.scratch}"


def _name(job: str) -> str:
    pipeline, _, job_id = job.partition("@")
    return f"{pipeline.removeprefix('default/')}@{job_id[:_SHORT]}…"


def _extent(outcome: Outcome) -> str:
    return f"{many(outcome.files, 'file')}, {sizes.format(outcome.size)}, {seconds(outcome.seconds)}"


def seconds(value: float) -> str:
    """`0.4 s`, `41 s`."""
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def _differences(outcome: Outcome) -> Iterator[str]:
    for each in outcome.shown:
        yield f"{each.path} ({each.kind})"
        yield from (f"  {line}" for line in each.lines)
        if each.picture is not None:
            yield f"  recorded, again and the difference: {each.picture}"
    told = {each.path for each in outcome.shown}
    others = [path for path in outcome.differing if path not in told][:_NAMED]
    if others:
        more = outcome.number - len(told) - len(others)
        yield f"also {', '.join(others)}" + (f" and {more} more" if more else "")
