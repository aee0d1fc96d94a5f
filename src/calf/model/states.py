"""Kinds and states with Pachyderm's numbers, and which state may follow which."""

from __future__ import annotations

from enum import IntEnum


class OriginKind(IntEnum):
    """Who made a commit."""

    UNKNOWN = 0
    USER = 1
    AUTO = 2
    FSCK = 3


class CommitState(IntEnum):
    """How far a commit is; READY means that everything it comes from is finished."""

    UNKNOWN = 0
    STARTED = 1
    READY = 2
    FINISHING = 3
    FINISHED = 4


class FileType(IntEnum):
    """What a path is."""

    RESERVED = 0
    FILE = 1
    DIR = 2


class PipelineType(IntEnum):
    """What a pipeline does with its input."""

    UNKNOWN = 0
    TRANSFORM = 1
    SPOUT = 2
    SERVICE = 3


class PipelineState(IntEnum):
    """How a pipeline is."""

    UNKNOWN = 0
    STARTING = 1
    RUNNING = 2
    RESTARTING = 3
    FAILURE = 4
    PAUSED = 5
    STANDBY = 6
    CRASHING = 7


class JobState(IntEnum):
    """How far a job is."""

    UNKNOWN = 0
    CREATED = 1
    STARTING = 2
    RUNNING = 3
    FAILURE = 4
    SUCCESS = 5
    KILLED = 6
    EGRESSING = 7
    FINISHING = 8
    UNRUNNABLE = 9


class DatumState(IntEnum):
    """What became of a datum."""

    UNKNOWN = 0
    FAILED = 1
    SUCCESS = 2
    SKIPPED = 3
    STARTING = 4
    RECOVERED = 5


TERMINAL_JOB_STATES = frozenset({JobState.SUCCESS, JobState.FAILURE, JobState.KILLED, JobState.UNRUNNABLE})

_ENDS = frozenset({JobState.FAILURE, JobState.KILLED})
JOB_TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.CREATED: frozenset({JobState.STARTING, JobState.UNRUNNABLE}) | _ENDS,
    JobState.STARTING: frozenset({JobState.RUNNING, JobState.UNRUNNABLE}) | _ENDS,
    JobState.RUNNING: frozenset({JobState.STARTING, JobState.EGRESSING, JobState.FINISHING}) | _ENDS,
    JobState.EGRESSING: frozenset({JobState.STARTING, JobState.FINISHING}) | _ENDS,
    JobState.FINISHING: frozenset({JobState.STARTING, JobState.SUCCESS}) | _ENDS,
    JobState.SUCCESS: frozenset(),
    JobState.FAILURE: frozenset(),
    JobState.KILLED: frozenset(),
    JobState.UNRUNNABLE: frozenset(),
}
"""Allowed moves. Back to STARTING only when a server restarts an unfinished job."""


def job_may_become(old: JobState, new: JobState) -> bool:
    """Whether a job in state `old` may be put into state `new`."""
    return new in JOB_TRANSITIONS[old]
