"""The sandbox that bubblewrap builds: own user, mount, pid, network, ipc and uts namespaces."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from calf.kit.errors import Precondition
from calf.runner.plan import HOSTNAME, Plan, protected_proc
from calf.runner.process import end_namespace

_OPTIONS_FD = "3"
_INFO_FD = "4"
_INFO = "info.json"


def command(plan: Plan) -> tuple[str, ...]:
    """The command line that runs `plan`.

    Its options are in a file, so that no other user sees the environment. Raises `Precondition` when
    bubblewrap is not installed.
    """
    tool = shutil.which("bwrap")
    if tool is None:
        raise Precondition("bubblewrap is not installed here", "install the package bubblewrap")
    options = plan.folder / "options"
    options.write_bytes(b"\0".join(option.encode("utf-8", "surrogateescape") for option in _options(plan)))
    options.chmod(0o600)
    run = f'exec {_OPTIONS_FD}<"$0" {_INFO_FD}>"$1" && shift && exec "$@"'
    shell = ("/bin/sh", "-c", run, str(options), str(plan.folder / _INFO))
    return (*shell, tool, "--args", _OPTIONS_FD, "--info-fd", _INFO_FD, "--", *plan.argv)


def finish(folder: Path) -> None:
    """End what outlives the command for a moment: it tells the exit code before its namespace is gone."""
    info = folder / _INFO
    text = info.read_text() if info.exists() else ""
    if text:
        end_namespace(int(json.loads(text)["child-pid"]))


def _options(plan: Plan) -> Iterator[str]:
    yield from ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
    yield from ("--unshare-cgroup-try", "--disable-userns", "--new-session")
    yield from ("--uid", str(plan.user), "--gid", str(plan.user), "--hostname", HOSTNAME)
    for folder in plan.folders:
        yield from ("--dir", folder)
    for target, at in plan.links:
        yield from ("--symlink", target, at)
    for bind in plan.binds:
        yield from ("--bind" if bind.writable else "--ro-bind", str(bind.source), bind.target)
    read_only, hidden = protected_proc()
    yield from ("--proc", "/proc")
    for path in read_only:
        yield from ("--ro-bind", path, path)
    for path in hidden:
        yield from ("--ro-bind", "/dev/null", path)
    yield from ("--dev", "/dev", "--tmpfs", "/dev/shm")  # noqa: S108 - inside
    yield from ("--remount-ro", "/dev", "--remount-ro", "/")
    yield "--clearenv"
    for name, value in plan.env.items():
        yield from ("--setenv", name, value)
    yield from ("--chdir", plan.cwd)
