"""The one form of `jqFilter` that clients send for jobs: which states."""

from __future__ import annotations

import re

from calf.model.errors import Unimplemented
from calf.model.states import JobState

_ONE = re.compile(r'\.state\s*==\s*"JOB_([A-Z]+)"')
_SELECT = re.compile(r"\s*select\s*\((.*)\)\s*", re.DOTALL)


def states_of(jq_filter: str) -> frozenset[JobState]:
    """The states that the filter lets through; none for the empty filter, which lets all through.

    `.state == "JOB_X"`, several joined by `or`, also inside `select(…)`. Raises `Unimplemented` for others.
    """
    if not jq_filter.strip():
        return frozenset()
    inside = _SELECT.fullmatch(jq_filter)
    found = [
        _ONE.fullmatch(part.strip(" ()\n")) for part in (inside[1] if inside else jq_filter).split(" or ")
    ]
    names = [match[1] for match in found if match]
    if len(names) != len(found) or any(name not in JobState.__members__ for name in names):
        raise Unimplemented(
            f"the filter {jq_filter} is not supported",
            'use .state == "JOB_SUCCESS" or .state == "JOB_FAILURE"',
        )
    return frozenset(JobState[name] for name in names)
