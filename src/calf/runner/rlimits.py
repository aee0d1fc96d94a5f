"""Limits that the kernel holds each process of a stage to, where a control group is not enough or not had.

They go by the names of `setrlimit`. In a sandbox a tool of this machine sets them; in a container, whose
image need not have that tool, whoever starts the stage in there does.
"""

from __future__ import annotations

import resource
import shutil
from collections.abc import Mapping

from calf.model.ports import WorkerSpec


def of_whole(processes: int) -> dict[str, int]:
    """What holds for all that runs beside a stage, too: no core files, and at most so many processes."""
    return {"CORE": 0, "NPROC": at_most(resource.RLIMIT_NPROC, processes)}


def of_stage(spec: WorkerSpec, *, grouped: bool) -> dict[str, int]:
    """What holds for the stage; with `grouped` its memory is limited by its control group."""
    memory = {"DATA": spec.memory} if spec.memory and not grouped else {}
    disk = {"FSIZE": at_most(resource.RLIMIT_FSIZE, spec.disk)} if spec.disk else {}
    return {**memory, **disk}


def set_by_tool(limits: Mapping[str, int]) -> tuple[str, ...]:
    """What becomes the command whose words follow, with these: a program more, so only if there is one."""
    tool = shutil.which("prlimit") if limits else None
    options = [f"--{name.lower()}={value}" for name, value in limits.items()]
    return (tool, *options, "--") if tool else ()


def at_most(kind: int, wanted: int) -> int:
    """A limit that may be set: not above the one that we have ourselves."""
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
