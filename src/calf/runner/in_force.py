"""What holds a stage to its limits on this machine, in words: as it was found out by trying."""

from __future__ import annotations

import os
from collections.abc import Iterator

from calf.kit.sizes import format as format_size
from calf.model.limits import NOTHING, Limit
from calf.model.ports import WorkerSpec
from calf.runner.cgroup import Groups

DISK = "the server, which looks while it runs, and RLIMIT_FSIZE for each file"


def limits_of(spec: WorkerSpec, groups: Groups, *, isolated: bool) -> tuple[Limit, ...]:
    """Those of a worker: memory and disk, where the spec has them, and processes."""
    return tuple(_limits(spec, groups, isolated=isolated))


def _limits(spec: WorkerSpec, groups: Groups, *, isolated: bool) -> Iterator[Limit]:
    held = groups.held()
    tree = f"control group v{groups.version}, for the whole process tree"
    if spec.memory:
        by = tree if "memory" in held else "RLIMIT_DATA, for each process alone"
        yield Limit("memory", format_size(spec.memory), by)
    # the kernel does not count processes of root's number, which those of a server of root have outside
    alone = "RLIMIT_NPROC" if isolated and os.getuid() != 0 else NOTHING
    yield Limit("processes", str(groups.processes), tree if "processes" in held else alone)
    if spec.disk:
        yield Limit("disk", format_size(spec.disk), DISK)
