"""One worker's sandbox: joins the image, the workspace, the limits and a backend into processes."""

from __future__ import annotations

import itertools
import resource
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from calf.kit.errors import Precondition
from calf.kit.sizes import format as format_size
from calf.model.ports import WorkerSpec
from calf.runner.backends import Backend
from calf.runner.belongings import NOTHING, Belongings
from calf.runner.cgroup import JOIN_FAILED, Group, Groups
from calf.runner.environment import CONSTANTS, HOME, merge
from calf.runner.host_system import FOLDERS, PATH, system_binds, system_links
from calf.runner.output import Lines, Watched
from calf.runner.plan import SCRIPTS, USER_ID, Bind, Plan, interpreter
from calf.runner.process import LIFELINE, Child, Command, start
from calf.runner.view import View
from calf.runner.ways import API_FOLDER, Way, describe
from calf.runner.workspace import Workspace, remove_tree

_SCRIPTS = "/run/calf/inside"
# A namespace of its own has low process ids; to end "all processes" in any other would be a disaster.
_WATCH = (
    f"[ $$ -lt 10 ] || exit {JOIN_FAILED}; {{ read -r _; kill -9 -1; }} <&{LIFELINE} & "
    f'exec {LIFELINE}<&-; exec "$@"'
)
_KNOWN_USERS = {"": USER_ID, "calf": USER_ID, "root": 0, "nobody": 65534}


@dataclass(frozen=True, slots=True)
class Site:
    """What all sandboxes of a server share; `etc` as for `host_system`."""

    groups: Groups
    etc: Path


class Running:
    """A stage's process in its sandbox and its limits."""

    def __init__(self, child: Child, group: Group, backend: Backend, folder: Path) -> None:
        self._child = child
        self._group = group
        self._backend = backend
        self._folder = folder

    def wait(self, timeout: float | None, watched: Sequence[Watched]) -> int | None:
        """As `Child.wait`."""
        return self._child.wait(timeout, watched)

    def hand_over(self, then: Lines) -> None:
        """Have all output so far handed on, and what follows go to `then`."""
        self._child.output.hand_over(then)

    def end(self) -> bool:
        """End the whole tree, take in the rest of its output; whether the kernel killed in it for memory."""
        self._child.kill()
        self._backend.finish(self._folder)
        starved = self._group.out_of_memory()
        self._group.close()
        self._child.close()
        remove_tree(self._folder)
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
        self._belongings = belongings
        self._starts = itertools.count(1)
        self._user = _user_id(spec.user)
        self._binds = self._list_binds()
        self._fixed_env = self._merge_fixed_env()
        self.translate = backend.translator(self._list_own_binds())

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
        folder = self._workspace.plan / str(next(self._starts))
        folder.mkdir()
        group = self._site.groups.make(self._spec.memory)
        try:
            plan = self._plan(folder, (*self._watch(), *self._relay(ways), *self._limits(group), *argv), env)
            outside = group.join(self._backend.command(plan))
            command = Command(outside, {"PATH": PATH}, folder, self._stdin(folder, stdin))
            return Running(start(command, lines), group, self._backend, folder)
        except BaseException:
            group.close()
            raise

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

    def _plan(self, folder: Path, argv: tuple[str, ...], env: Mapping[str, str]) -> Plan:
        cwd = self._spec.working_dir or self._view.workdir
        if not self._backend.isolated:
            cwd = str(self._workspace.root) if cwd == "/" else self.translate(cwd)
        return Plan(
            folder=folder,
            argv=tuple(self.translate(word) for word in argv),
            env=env,
            cwd=cwd,
            binds=self._binds,
            folders=FOLDERS,
            links=system_links(),
            user=self._user,
        )

    def _watch(self) -> tuple[str, ...]:
        return ("/bin/sh", "-c", _WATCH, "sh") if self._backend.isolated else ()

    def _relay(self, ways: Sequence[Way]) -> tuple[str, ...]:
        if not ways:
            return ()
        told = describe(ways, fixed=self._backend.isolated)
        return (interpreter(), "-I", "-S", f"{_SCRIPTS}/relay.py", told)

    def _limits(self, group: Group) -> tuple[str, ...]:
        tool = shutil.which("prlimit")
        if tool is None:
            return ()
        processes = (
            (f"--nproc={_at_most(resource.RLIMIT_NPROC, self._site.groups.processes)}",)
            if self.isolated
            else ()
        )
        memory = (f"--data={self._spec.memory}",) if self._spec.memory and not group.memory else ()
        disk = (f"--fsize={_at_most(resource.RLIMIT_FSIZE, self._spec.disk)}",) if self._spec.disk else ()
        return (tool, "--core=0", *processes, *memory, *disk, "--")

    def _stdin(self, folder: Path, lines: Sequence[str]) -> Path | None:
        if not lines:
            return None
        path = folder / "stdin"
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

    def _list_binds(self) -> tuple[Bind, ...]:
        return (*system_binds(self._site.etc), *self._list_own_binds())


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
