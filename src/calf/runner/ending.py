"""How a stage's process ended, in words."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

from calf.kit.durations import format as format_duration
from calf.kit.sizes import format as format_size
from calf.model.ports import WorkerSpec
from calf.runner.process import JOIN_FAILED

_SIGNALLED = 128
_NOT_FOUND = 127
_BY_SIZE = (-signal.SIGXFSZ, _SIGNALLED + signal.SIGXFSZ)
_CANNOT_START = re.compile(
    r"(?:prlimit: failed to execute|(?:/bin/)?sh: (?:\d+: )?exec:|cannot run) (?P<program>\S+?)"
    r"(?: in \S+)?: (?:No such file or directory|not found)"
)
"""What the tools around a stage say when they find no program to become."""


@dataclass(frozen=True, slots=True)
class Ending:
    """`code`: None when it was ended by us. `starved`: the kernel killed in its tree for memory."""

    code: int | None = None
    timed_out: bool = False
    cancelled: bool = False
    starved: bool = False


def failure(ending: Ending, spec: WorkerSpec, timeout: float) -> str:
    """Why the attempt failed, in words for the user; empty when it did not."""
    if ending.timed_out:
        also = f" (a process was killed: memory limit {format_size(spec.memory)})" if ending.starved else ""
        return f"timed out after {format_duration(timeout)}{also}"
    code = ending.code
    if code is not None and code in (spec.accept_return_code or ()):
        return ""
    if code == 0:
        return ""
    if ending.starved:
        return f"killed: memory limit {format_size(spec.memory)}"
    if spec.disk and code in _BY_SIZE:
        return f"killed: disk limit {format_size(spec.disk)}, which a file would have gone over"
    return describe_exit(code)


def says_not_found(line: str) -> str:
    """The program that, by a line of output, could not be found to be started; empty for other lines."""
    found = _CANNOT_START.fullmatch(line)
    return found["program"] if found else ""


def not_found(program: str, image: str) -> str:
    """What to say of a program that is not there; a script's interpreter counts as the script."""
    also = ", or what its first line names is not" if "/" in program else ""
    return f"the program {program} is not in image {image}{also}"


def is_not_found(ending: Ending) -> bool:
    """Whether it ended as what cannot be started does."""
    return ending.code == _NOT_FOUND


def describe_exit(code: int | None) -> str:
    """An exit code in words."""
    if code is None:
        return "ended by the engine"
    if code == JOIN_FAILED:
        return f"exit code {code} (the sandbox could not be built; the log says more)"
    number = -code if code < 0 else code - _SIGNALLED
    if 0 < number < signal.NSIG:
        return (
            f"exit code {code} (killed by {signal.Signals(number).name})" if code > 0 else _by_signal(number)
        )
    return f"exit code {code}"


def _by_signal(number: int) -> str:
    return f"killed by {signal.Signals(number).name}"
