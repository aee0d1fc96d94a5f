"""States of pipelines, jobs and datums in words."""

from __future__ import annotations

from collections.abc import Sequence

import click

from calf.wire.messages import pps

LONGEST_REASON = 25
"""How much of a reason a table shows."""


def pipeline_state(number: int) -> str:
    """`running`, `crashing`, ..."""
    return str(pps.PipelineState.Name(number)).removeprefix("PIPELINE_").lower()


def job_state(number: int) -> str:
    """`success`, `unrunnable`, ..."""
    return str(pps.JobState.Name(number)).removeprefix("JOB_").lower()


def datum_state(number: int) -> str:
    """`success`, `skipped`, ..."""
    return str(pps.DatumState.Name(number)).lower()


def state_filter(prefix: str, states: Sequence[str], known: Sequence[str]) -> str:
    """The jq filter for some states (`success` or `JOB_SUCCESS`), empty for none. Raises a usage error."""
    names = [f"{prefix}{state.upper().removeprefix(prefix)}" for state in states]
    for name, state in zip(names, states, strict=True):
        if name not in known:
            choices = ", ".join(each.removeprefix(prefix).lower() for each in known)
            raise click.UsageError(f"there is no state {state!r}; states are {choices}")
    return " or ".join(f'.state == "{name}"' for name in names)
