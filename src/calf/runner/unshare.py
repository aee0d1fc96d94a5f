"""The sandbox without an install: util-linux' `unshare` makes namespaces, `inside/enter.py` the mounts."""

from __future__ import annotations

import json
import shutil

from calf.kit.errors import Precondition
from calf.runner.plan import HOSTNAME, Plan, protected_proc, script


def command(plan: Plan) -> tuple[str, ...]:
    """The command line that runs `plan`. Raises `Precondition` when util-linux is not installed."""
    unshare = shutil.which("unshare")
    if unshare is None:
        raise Precondition("util-linux is not installed here", "install the package util-linux")
    root = plan.folder / "root"
    root.mkdir(exist_ok=True)
    described = plan.folder / "plan.json"
    described.write_text(json.dumps(_describe(plan, str(root))))
    described.chmod(0o600)
    return (
        *(unshare, "--user", f"--map-user={plan.user}", f"--map-group={plan.user}", "--keep-caps"),
        *("--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child=KILL", "--"),
        *script("enter.py"),
        str(described),
    )


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
        "cwd": plan.cwd,
        "argv": plan.argv,
        "env": dict(plan.env),
    }
