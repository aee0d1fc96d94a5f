"""The container engines: how podman and docker are asked for a container that looks as planned."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from calf.kit.errors import Precondition
from calf.runner.containers.bases import docker_base, podman_base, user_ranges
from calf.runner.containers.empty_image import import_empty
from calf.runner.containers.kept import Kept, Recipe
from calf.runner.containers.root import make_root
from calf.runner.containers.tool import Tool, find_tool
from calf.runner.plan import HOSTNAME, SCRIPTS, USER_ID, Bind, Launcher, Plan, interpreter
from calf.runner.process import FILE_LIMITS

CURE = (
    "`podman run` or `docker run` must work here by hand (docs/design/sandbox.md has the settings for"
    " machines where podman's default runtime does not start); or ask for another isolation"
)
_TRIAL = """
unshare --user true 2>/dev/null && echo "stages could make namespaces" && exit 1
for folder in / /dev /etc /run /usr /var; do
    touch $folder/x 2>/dev/null && echo "stages could write to $folder" && exit 1
done
true
"""
TRIAL = ("sh", "-c", _TRIAL)
"""What has to end well in a container: one that can be begun may still be less shut in than it should be."""
KEEP = "/run/calf/keep.py"
LINE = "/run/calf/line"
_NOBODY = 65534
_OF_ENGINES = ("/dev", "/proc", "/sys")
_MASKED = "/proc/driver:/proc/mtrr"
"""What podman leaves as it is, and stands in our list of what is not for stages."""


def podman(plan: Plan) -> Launcher:
    """What starts processes as planned, in a container of podman.

    Raises `Precondition` when it is not installed, or cannot start one.
    """
    return _launcher("podman", plan, _podman_options)


def docker(plan: Plan) -> Launcher:
    """The same by docker, where the stage's user is the server's by its number, too."""
    if plan.user not in (USER_ID, os.getuid()):
        raise Precondition(f"docker cannot show the user {plan.user} to a stage", "leave transform.user out")
    return _launcher("docker", plan, _docker_options)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a container is asked for by: the tool, the plan with what is ours, and its root."""

    tool: Tool
    plan: Plan
    root: Path


def _launcher(name: str, plan: Plan, options: Callable[[_Asked], Iterator[str]]) -> Launcher:
    tool = find_tool(name, plan.place)
    line, root = plan.place / "line", plan.place / "root"
    line.mkdir(exist_ok=True)
    ours = (Bind(SCRIPTS / "keep.py", KEEP), Bind(line, LINE))
    whole = replace(plan, binds=(*plan.binds, *ours), python=plan.python or (interpreter(),))
    if plan.base is None:
        make_root(root, whole)
    words = (
        *_common_options(whole),
        *options(_Asked(tool, whole, root)),
        *("-I", "-S", KEEP, f"{LINE}/door", *(_places(whole) if plan.base else ())),
    )
    kept = Kept(Recipe(tool, words, line, on_image=plan.base is not None))
    plan.kept.callback(kept.close)
    kept.begin()
    return kept.launch


def _places(plan: Plan) -> Iterator[str]:
    """Those that no link of an image may lead from one into another."""
    return chain(_OF_ENGINES, (bind.target for bind in plan.binds))


def _common_options(plan: Plan) -> Iterator[str]:
    yield from ("--pull", "never", "--network", "none", "--ipc", "private", "--hostname", HOSTNAME)
    yield from ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
    yield from ("--security-opt", "label=disable", "--log-driver", "none")
    yield from (() if plan.base else ("--workdir", "/"))  # an image's own is made where it is not named
    yield from ("--shm-size", str(_memory()), "--pids-limit", "-1")  # control groups of ours count both
    yield from ("--ulimit", _limit("nofile", FILE_LIMITS))
    yield from ("--ulimit", _limit("nproc", _processes()))
    for bind in plan.binds:
        yield from ("--mount", _mount(bind))


def _podman_options(asked: _Asked) -> Iterator[str]:
    yield from ("--http-proxy=false", "--read-only-tmpfs=false", "--passwd=false")
    yield from ("--security-opt", f"mask={_MASKED}", "--user", f"{asked.plan.user}:{asked.plan.user}")
    yield from _podman_users(asked)
    if asked.plan.base is None:
        yield from ("--rootfs", str(asked.root), *asked.plan.python)
    else:
        yield from podman_base(asked.plan.base, asked.plan)


def _podman_users(asked: _Asked) -> Iterator[str]:
    """The stage's user is the server's: it may read what is shown, and what it makes is the server's.

    Each container has a user namespace of its own. Podman gives none to root's number where it is no root
    itself: that container would be in podman's own, of which `shut_in` takes the right to make any more.
    """
    user, base = asked.plan.user, asked.plan.base
    if os.getuid() != 0 and user:
        yield from ("--userns", f"keep-id:uid={user},gid={user}")
        return
    few = (f"{user}:0:1", *((f"0:{_NOBODY}:1",) if user else ()))
    for option, kind in (("--uidmap", "uid_map"), ("--gidmap", "gid_map")):
        for given in few if base is None else _all_users(asked.tool, user, kind):
            yield from (option, given)


def _all_users(tool: Tool, user: int, kind: str) -> tuple[str, ...]:
    """As the files of an image have owners. Podman that is no root has its own from 0 up, as many as it was
    given.
    """
    if os.getuid() == 0:
        return user_ranges(user)
    lines = [line.split() for line in tool.ask("unshare", "cat", f"/proc/self/{kind}")]
    return (f"0:0:{sum(int(line[2]) for line in lines if ''.join(line).isdigit())}",)


def _docker_options(asked: _Asked) -> Iterator[str]:
    yield from ("--user", f"{os.getuid()}:{os.getgid()}")
    if asked.plan.base is None:
        yield from (import_empty(asked.tool, asked.root), *asked.plan.python)
    else:
        yield from docker_base(asked.plan.base, asked.plan)


def _mount(bind: Bind) -> str:
    """One line of comma-separated values. What is mounted below a read-only source is not shown: it would not
    be read-only.
    """
    words = ["type=bind", f"source={bind.source}", f"destination={bind.target}"]
    words += [] if bind.writable else ["readonly=true", "bind-nonrecursive=true"]
    return ",".join(map(_quoted, words))


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"' if set(word) & set(',"') else word


def _limit(name: str, limits: tuple[int, int]) -> str:
    return f"{name}={limits[0]}:{limits[1]}"


def _processes() -> tuple[int, int]:
    """Podman lowers its own limit to the highest process id, and could not give more."""
    highest = int(Path("/proc/sys/kernel/pid_max").read_text())
    soft, hard = (
        highest if limit == resource.RLIM_INFINITY else min(limit, highest)
        for limit in resource.getrlimit(resource.RLIMIT_NPROC)
    )
    return soft, hard


def _memory() -> int:
    """As much as a temporary file system may take by default: half of what the machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
