"""Replaying all that an output was made by: each job behind it once, upstream first, of whatever set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from calf.cli import refs
from calf.cli.job_at import job_at
from calf.kit import exit_codes
from calf.model.errors import CalfError
from calf.model.statement.replays import LEVELS, REPRODUCED
from calf.views.replay import behind
from calf.views.replay.running import CANNOT
from calf.views.words import many
from calf.wire.messages import Message, pps

if TYPE_CHECKING:
    from calf.cli.session import Session
    from calf.views.replay.outcome import Outcome

NOT_RUN = "not run"


def replay_set(
    session: Session, jobs: Sequence[Message], replay: Callable[[Message], Outcome]
) -> Iterator[str]:
    """Replay jobs one after another; yields the result of each, or `not run`.

    Of one that cannot be replayed it is said why, and the others go on.
    """
    for job in jobs:
        try:
            outcome = replay(job)
        except CalfError as error:
            if error.category not in CANNOT:
                raise
            session.warn(f"{job.pipeline.name}@{job.id} is not replayed: {error.message}")
            yield NOT_RUN
        else:
            yield outcome.result if outcome.ran else f"{NOT_RUN}, being no longer what it was"


def exit_code(results: Sequence[str]) -> int:
    """That of a difference is the greatest."""
    if all(result in LEVELS for result in results):
        return exit_codes.OK
    return exit_codes.WRONG_STATE if set(results) <= {*LEVELS, NOT_RUN} else exit_codes.NOT_REPRODUCIBLE


def total(results: Sequence[str]) -> str:
    """`7 of 7 reproduced`; what else there was comes behind."""
    counted = Counter(results)
    others = (f"{number} {result}" for result, number in sorted(counted.items()) if result != REPRODUCED)
    return ", ".join((f"{counted[REPRODUCED]} of {len(results)} reproduced", *others))


def jobs_behind(session: Session, text: str, project: str | None) -> list[Message]:
    """Every job behind a commit set (its ID) or a commit (REPO@COMMIT), upstream first, each once.

    Raises `NotFound` for a commit; `UsageError` when no job is behind it.
    """
    client = session.client
    if "@" in text:
        first = [job_at(session, text, project)]
    else:
        wanted = pps.JobSet(id=refs.set_id(text, "the ID of a commit set, or REPO@COMMIT"))
        first = [info.job for info in client.pps.InspectJobSet(pps.InspectJobSetRequest(job_set=wanted))]
    found = behind.jobs_behind(client, first)
    if not found:
        raise click.UsageError(f"no job belongs to commit set {text}")
    return found


def words_about(jobs: Sequence[Message]) -> str:
    """How many jobs there are, and which of them belong to other commit sets than the last."""
    here = jobs[-1].id
    others = [f"{job.pipeline.name}@{job.id[:8]}…" for job in jobs if job.id != here]
    told = f"{many(len(jobs), 'job')} behind commit set {here}"
    return f"{told}; of other commit sets: {', '.join(others)}" if others else told
