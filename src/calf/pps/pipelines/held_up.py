"""What holds up a job with which nothing is wrong: the disk, or the place where its output is copied to.

It says so in its reason, and goes on by itself; whoever asks how its pipeline is hears of it, too.
"""

from __future__ import annotations

from calf.model.errors import CalfError, NoSpace, TooManyFiles
from calf.pps.pipelines.egress import AGAIN

_WAITS = "waiting for "
_SPACE, _FILES, _DISK = "space", "files to be closed", "the disk"


def wanted(trouble: CalfError) -> str:
    """What has to come before a job can go on."""
    match trouble:
        case TooManyFiles():
            return _FILES
        case NoSpace():
            return _SPACE
    return _DISK


def reason(trouble: CalfError) -> str:
    """For the job: what it waits for, how much there is of it and how much there should be, and why."""
    figures = f" ({trouble.figures})" if isinstance(trouble, NoSpace) and trouble.figures else ""
    return f"{_WAITS}{wanted(trouble)}{figures}: {trouble.message}"


def is_held_up(said: str) -> bool:
    """Whether the reason of an unfinished job is such a one. An input may have such a name, too; what follows
    the name tells them apart.
    """
    begins = [f"{_WAITS}{what}{mark}" for what in (_SPACE, _FILES, _DISK) for mark in (": ", " (")]
    return AGAIN in said or said.startswith(tuple(begins))
