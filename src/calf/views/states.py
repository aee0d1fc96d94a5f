"""States of pipelines, jobs and datums in words."""

from __future__ import annotations

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
