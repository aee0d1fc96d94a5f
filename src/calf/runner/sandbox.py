"""One worker's sandbox: joins the image, the workspace, the limits and a backend into processes."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from calf.kit.errors import Precondition
from calf.kit.sizes import format as format_size
from calf.model.ports import WorkerSpec
from calf.runner.backends import Backend
from calf.runner.belongings import NOTHING, Belongings
from calf.runner.cgroup import Group, Groups, OneByOne
from calf.runner.environment import CONSTANTS, HOME, merge
from calf.runner.host_system import FOLDERS, PATH, system_binds, system_links
from calf.runner.output import Lines, Watched
from calf.runner.plan import SCRIPTS, USER_ID, Bind, Inside, Plan, interpreter
from calf.runner.process import JOIN_FAILED, LIFELINE, Child, Command, start
from calf.runner.view import View
from calf.runner.ways import API_FOLDER, Way, describe
from calf.runner.workspace import Workspace

_SCRIPTS = "/run/calf/inside"
# A namespace of its own has low process ids; to end "all processes" in any other would be a disaster.
_WATCH = (
    f"[ $$ -lt 10 ] || exit {JOIN_FAILED}; {{ read -r _; kill -9 -1; }} <&{LIFELINE} & exec {LIFELINE}<&-; "
    f'ulimit -c 0; ulimit -u "$1" 2>/dev/null || ulimit -p "$1" || exit {JOIN_FAILED}; '  # dash says -p
    'shift; exec "$@"'
)
_KNOWN_USERS = {"": USER_ID, "calf": USER_ID, "root": 0, "nobody": 65534}


@dataclass(frozen=True, slots=True)
class Site:
    """What all sandboxes of a server share; `etc` as for `host_system`."""

    groups: Groups
    etc: Path


class Running:
    """A stage's process in its sandbox and its limits."""

    def __init__(self, child: Child, group: Group, groups: OneByOne, finish: Callable[[], None]) -> None:
        self._child = child
        self._group = group
        self._groups = groups
        self._finish = finish

    def wait(self, timeout: float | None, watched: Sequence[Watched]) -> int | None:
        """As `Child.wait`."""
        return self._child.wait(timeout, watched)

    def hand_over(self, then: Lines) -> None:
        """Have all output so far handed on, and what follows go to `then`."""
        self._child.output.hand_over(then)

    def end(self) -> bool:
        """End the whole tree, take in the rest of its output; whether the kernel killed in it for memory."""
        try:
            self._child.kill()
        finally:
            self._finish()
            starved = self._group.out_of_memory()
            self._groups.give_back(self._group)
            self._child.close()
        return starved


class Sandbox:
    """Starts processes in one workspace; `translate` maps places inside to where a stage sees them."""

    def __init__(
        self,
        site: Site,
        backend: Backend,
        workspace: Workspace,
        view: View,
        spec: WorkerSpec,
        belongings: Belongings = NOTHING,
    ) -> None:
        """Raises `Precondition` for a user that no sandbox knows."""
        self._site = site
        self._backend = backend
        self._workspace = workspace
        self._view = view
        self._spec = spec
        self._groups = OneByOne(partial(site.groups.make, spec.memory))
        self._belongings = belongings
        own = self._list_own_binds()
        binds = (*system_binds(site.etc), *own)
        plan = Plan(workspace.plan, binds, FOLDERS, system_links(), _user_id(spec.user))
        self._launcher = backend.launcher(plan)
        self._fixed_env = self._merge_fixed_env()
        self.translate = backend.translator(own)

    @property
    def level(self) -> str:
        """The isolation that is in force, as jobs report it."""
        return self._backend.level

    @property
    def isolated(self) -> bool:
        """Whether the stage can neither see nor change what was not given to it."""
        return self._backend.isolated

    @property
    def aliases(self) -> dict[str, str]:
        """Where a stage that is not isolated sees what a sandbox shows: here → inside."""
        if self._backend.isolated:
            return {}
        return {str(self._workspace.pfs): "/pfs", str(self._workspace.tmp): HOME}

    def environment(self, datum: Mapping[str, str]) -> dict[str, str]:
        """The whole environment for a datum, as the stage is to see it."""
        merged = merge(self._fixed_env, datum)
        if "PATH" in datum:
            merged["PATH"] = self._search_path(merged["PATH"])
        if self._backend.isolated:
            return merged
        translated = {name: self.translate(value) for name, value in merged.items()}
        return {**translated, "CALF_PFS": str(self._workspace.pfs)}

    def _merge_fixed_env(self) -> dict[str, str]:
        layers = (self._view.env, self._spec.env, self._belongings.env)
        fixed = merge({"PATH": self._view.path, **CONSTANTS}, *layers)
        return {**fixed, "PATH": self._search_path(fixed["PATH"])}

    def _search_path(self, path: str) -> str:
        return ":".join((path, *self._belongings.path))

    def start(
        self,
        argv: Sequence[str],
        stdin: Sequence[str],
        env: Mapping[str, str],
        lines: Lines,
        ways: Sequence[Way] = (),
    ) -> Running:
        """Start `argv` with the lines `stdin`, next to the `ways` through the wall.

        Raises `OSError` when this machine cannot start it.
        """
        group = self._groups.take()
        try:
            given = self._stdin(stdin)
            words = (*self._watch(), *self._relay(ways), *self._limits(group), *argv)
            launch = self._launcher(Inside(tuple(map(self.translate, words)), env, self._cwd()))
            place = self._workspace.plan
            command = Command(launch.argv, {"PATH": PATH}, place, given, group.doors, launch.handed)
            try:
                return Running(start(command, lines), group, self._groups, launch.finish)
            except BaseException:
                launch.finish()
                raise
        except BaseException:
            group.close()
            raise

    def close(self) -> None:
        """Remove what is kept from process to process."""
        self._groups.close()

    def notes(self) -> list[str]:
        """What the user should know about the isolation and the limits in force, worst first."""
        found = []
        if not self._backend.isolated:
            found.append(
                "not isolated: this machine refuses namespaces, so the stage runs as a plain process"
            )
        if self._spec.memory:
            group = self._site.groups.make(self._spec.memory)
            group.close()
            if not group.memory:
                limit = format_size(self._spec.memory)
                found.append(
                    f"memory limit {limit} holds for each process alone: no control group may be made here"
                )
        return found

    def _cwd(self) -> str:
        cwd = self._spec.working_dir or self._view.workdir
        if self._backend.isolated:
            return cwd
        return str(self._workspace.root) if cwd == "/" else self.translate(cwd)

    def _watch(self) -> tuple[str, ...]:
        if not self._backend.isolated:
            return ()
        processes = _at_most(resource.RLIMIT_NPROC, self._site.groups.processes)
        return ("/bin/sh", "-c", _WATCH, "sh", str(processes))

    def _relay(self, ways: Sequence[Way]) -> tuple[str, ...]:
        if not ways:
            return ()
        told = describe(ways, fixed=self._backend.isolated)
        return (interpreter(), "-I", "-S", f"{_SCRIPTS}/relay.py", told)

    def _limits(self, group: Group) -> tuple[str, ...]:
        """What the watch has not set yet: a program more, so only if there is something."""
        cores = () if self.isolated else ("--core=0",)
        memory = (f"--data={self._spec.memory}",) if self._spec.memory and not group.memory else ()
        disk = (f"--fsize={_at_most(resource.RLIMIT_FSIZE, self._spec.disk)}",) if self._spec.disk else ()
        limits = (*cores, *memory, *disk)
        tool = shutil.which("prlimit") if limits else None
        return (tool, *limits, "--") if tool else ()

    def _stdin(self, lines: Sequence[str]) -> Path | None:
        if not lines:
            return None
        path = self._workspace.plan / "stdin"
        path.unlink(missing_ok=True)  # another process of this sandbox may be reading it
        path.write_text("".join(f"{self.translate(line)}\n" for line in lines))
        return path

    def _list_own_binds(self) -> tuple[Bind, ...]:
        workspace = self._workspace
        return (
            *self._view.binds,
            Bind(workspace.pfs, "/pfs"),
            Bind(workspace.out, "/pfs/out", writable=True),
            Bind(workspace.tmp, HOME, writable=True),
            Bind(workspace.api, API_FOLDER),
            Bind(SCRIPTS, _SCRIPTS),
            *self._belongings.binds,
        )


def _at_most(kind: int, wanted: int) -> int:
    """A limit that may be set: not above the one that we have ourselves."""
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _user_id(user: str) -> int:
    known = _KNOWN_USERS.get(user)
    if known is None and user.isdigit() and int(user) < 2**31:
        return int(user)
    if known is None:
        names = ", ".join(name for name in _KNOWN_USERS if name)
        raise Precondition(f'user "{user}" does not exist in the sandbox', f"use a number, or one of {names}")
    return known
