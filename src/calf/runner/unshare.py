"""The sandbox without an install: util-linux' `unshare` makes namespaces, `inside/enter.py` the mounts."""

from __future__ import annotations

import shutil

from calf.kit.errors import Precondition
from calf.runner.described import describe, launch_described
from calf.runner.plan import HOSTNAME, Launcher, Plan, protected_proc, script


def launcher(plan: Plan) -> Launcher:
    """What starts processes as planned. Raises `Precondition` when util-linux is not installed."""
    unshare = shutil.which("unshare")
    if unshare is None:
        raise Precondition("util-linux is not installed here", "install the package util-linux")
    root = plan.place / "root"
    root.mkdir(exist_ok=True)
    fixed = _describe(plan, str(root))
    words = (
        *(unshare, "--user", f"--map-user={plan.user}", f"--map-group={plan.user}", "--keep-caps"),
        *("--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child=KILL", "--"),
        *script("enter.py"),
    )
    return lambda inside: launch_described(words, plan.place, {**fixed, **describe(inside)})


def _describe(plan: Plan, root: str) -> dict[str, object]:
    read_only, hidden = protected_proc()
    return {
        "read_only": read_only,
        "hidden": hidden,
        "root": root,
        "hostname": HOSTNAME,
        "folders": plan.folders,
        "links": plan.links,
        "binds": [(str(bind.source), bind.target, bind.writable) for bind in plan.binds],
    }
