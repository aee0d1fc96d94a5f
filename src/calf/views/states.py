"""States of pipelines, jobs and datums in words."""

from __future__ import annotations

import re

from calf.views.words import first_of
from calf.wire.messages import pps

LONGEST_REASON = 25
"""How much of a reason a table shows."""
_FIGURES = re.compile(r"(waiting for [^:(]+ \([^:)]+\)): ")


def short(reason: str) -> str:
    """A reason for a table, cut as Pachyderm does it; of what waits for space, all of how much there is."""
    figures = _FIGURES.match(reason)
    return figures[1] if figures else first_of(reason, LONGEST_REASON)


def pipeline_state(number: int) -> str:
    """`running`, `crashing`, ..."""
    return str(pps.PipelineState.Name(number)).removeprefix("PIPELINE_").lower()


def job_state(number: int) -> str:
    """`success`, `unrunnable`, ..."""
    return str(pps.JobState.Name(number)).removeprefix("JOB_").lower()


def datum_state(number: int) -> str:
    """`success`, `skipped`, ..."""
    return str(pps.DatumState.Name(number)).lower()
