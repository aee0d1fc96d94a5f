"""One worker's sandbox: joins the image, the workspace, the limits and a backend into processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from calf.kit.sizes import format as format_size
from calf.model.limits import Limit
from calf.model.ports import WorkerSpec
from calf.runner import rlimits, watch
from calf.runner.backends import Backend
from calf.runner.belongings import NOTHING, Belongings
from calf.runner.cgroup import Group, OneByOne
from calf.runner.environment import CONSTANTS, HOME, for_our_own, merge
from calf.runner.ground import Site, plan_on
from calf.runner.host_system import PATH
from calf.runner.in_force import limits_of
from calf.runner.output import Lines
from calf.runner.plan import SCRIPTS, Bind, Inside
from calf.runner.process import Command, start
from calf.runner.running import Ahead, Running
from calf.runner.view import View
from calf.runner.ways import API_FOLDER, Way, describe
from calf.runner.workspace import Workspace

_SCRIPTS = "/run/calf/inside"


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
        """Raises `Precondition` for a user or an image that this sandbox cannot have."""
        self._site = site
        self._backend = backend
        self._workspace = workspace
        self._view = view
        self._spec = spec
        self._groups = OneByOne(partial(site.groups.make, spec.memory))
        self._belongings = belongings
        self._alone = bool(spec.memory) and not self._limits_memory()
        self._has_ways = spec.batching or spec.standing
        own = self._list_own_binds()
        self._plan = plan_on(site, backend, workspace.plan, view, own, spec.user)
        self._fixed_env = self._merge_fixed_env()
        self._stdins: dict[tuple[str, ...], Path] = {}
        self._ahead: Ahead | None = None
        self.translate = backend.translator(own)
        self._launcher = backend.launcher(self._plan)

    @property
    def level(self) -> str:
        """The isolation that is in force, as jobs report it, and a limit that is less than it says."""
        return f"{self._backend.level}, memory limit of each process" if self._alone else self._backend.level

    @property
    def limits(self) -> tuple[Limit, ...]:
        """See `ports.Worker`."""
        return limits_of(self._spec, self._site.groups, isolated=self.isolated)

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
        ahead = None if ways else self._take_ahead(argv, stdin, env)
        if ahead is not None:
            running, given = ahead.running, ahead.env
        else:
            given = watch.plain(env) if self._is_told else env
            running = self._start(argv, stdin, given, lines, ways)
        try:
            if ahead is not None:
                ahead.hand_to(lines)
            if self._is_told:
                running.tell(watch.line(given, env, self._cwd()))
        except BaseException:
            running.end()
            raise
        return running

    def prepare(self, argv: Sequence[str], stdin: Sequence[str]) -> None:
        """Have a process wait in its sandbox for the next `start` of these, which is then quick.

        It runs nothing of the stage's before that. No more than one waits; without isolation, and in what is
        kept, where one process could reach the other, none.
        """
        if self._ahead is not None or not self._is_told:
            return
        said: list[str] = []
        env = watch.plain(self._fixed_env)
        with suppress(OSError):  # then the next start says so
            running = self._start(argv, stdin, env, Lines(said.append), ())
            self._ahead = Ahead((tuple(argv), tuple(stdin)), running, env, said)

    def _take_ahead(self, argv: Sequence[str], stdin: Sequence[str], env: Mapping[str, str]) -> Ahead | None:
        """The one that waits to become `argv`, unless somebody has ended it, or too much is to be told."""
        ahead = self._ahead
        if ahead is None or ahead.becomes != (tuple(argv), tuple(stdin)):
            return None
        self._ahead = None
        if ahead.running.wait(0, ()) is None and watch.can_be_told(ahead.env, env, self._cwd()):
            return ahead
        ahead.running.end()
        return None

    def _start(
        self,
        argv: Sequence[str],
        stdin: Sequence[str],
        env: Mapping[str, str],
        lines: Lines,
        ways: Sequence[Way],
    ) -> Running:
        """Start what is, if isolated, still to be told what it becomes."""
        group = self._groups.take()
        try:
            given = self._stdin(stdin)
            launch = self._launcher(self._inside(argv, env, group, ways))
            doors = () if launch.enters else group.doors
            place = self._workspace.plan
            command = Command(launch.argv, {"PATH": PATH}, place, given, doors, launch.handed)
            try:
                return Running(start(command, lines), group, self._groups, launch.finish)
            except BaseException:
                launch.finish()
                raise
        except BaseException:
            group.close()
            raise

    def _inside(
        self, argv: Sequence[str], env: Mapping[str, str], group: Group, ways: Sequence[Way]
    ) -> Inside:
        """What runs inside: by a shell that waits, or in what is kept by whoever starts it there."""
        limits = rlimits.of_stage(self._spec, grouped=group.memory)
        if self._backend.kept:
            env = {**env, "PWD": self._cwd()}  # as the shell has it that a sandbox begins with
            whole = rlimits.of_whole(self._site.groups.processes)
            if not ways:
                return Inside(tuple(argv), env, self._cwd(), group.doors, whole | limits)
            plain, loaders = for_our_own(env)
            relay = self._relay(ways, limits, loaders)
            return Inside((*relay, *argv), plain, self._cwd(), group.doors, whole)
        cores = {} if self.isolated else {"CORE": 0}
        words = (*self._watch(), *self._relay(ways), *rlimits.set_by_tool(cores | limits), *argv)
        return Inside(tuple(map(self.translate, words)), env, "/" if self._is_told else self._cwd())

    def close(self) -> None:
        """End what waits, and remove what is kept from process to process."""
        ahead, self._ahead = self._ahead, None
        try:
            if ahead is not None:
                ahead.running.end()
        finally:
            self._plan.kept.close()
            self._groups.close()

    def notes(self) -> list[str]:
        """What the user should know about the isolation and the limits in force, worst first."""
        found = []
        if not self._backend.isolated:
            found.append(
                "not isolated: this machine refuses namespaces, so the stage runs as a plain process"
            )
        if self._alone:
            limit = format_size(self._spec.memory)
            found.append(
                f"memory limit {limit} holds for each process alone: no control group may be made here"
            )
        return found

    def _limits_memory(self) -> bool:
        """Whether a process tree as a whole can be held to its limit here."""
        group = self._site.groups.make(self._spec.memory)
        group.close()
        return group.memory

    def _cwd(self) -> str:
        cwd = self._spec.working_dir or self._view.workdir
        if self._backend.isolated:
            return cwd
        return str(self._workspace.root) if cwd == "/" else self.translate(cwd)

    @property
    def _is_told(self) -> bool:
        """Whether what is started waits to be told what it becomes."""
        return self._backend.isolated and not self._backend.kept

    def _watch(self) -> tuple[str, ...]:
        return watch.waiting(rlimits.of_whole(self._site.groups.processes)["NPROC"]) if self._is_told else ()

    def _relay(
        self,
        ways: Sequence[Way],
        limits: Mapping[str, int] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> tuple[str, ...]:
        """What carries connections beside the stage, and gives it limits and variables that it has not."""
        if not ways:
            return ()
        told = describe(ways, limits or {}, env or {}, fixed=self._backend.isolated)
        return (*self._plan.python, "-I", "-S", f"{_SCRIPTS}/relay.py", told)

    def _stdin(self, lines: Sequence[str]) -> Path | None:
        """A file of these lines. It is written once: what was started may not have opened it yet."""
        if not lines:
            return None
        path = self._stdins.get(tuple(lines))
        if path is None:
            path = self._workspace.plan / f"stdin-{len(self._stdins)}"
            path.write_text("".join(f"{self.translate(line)}\n" for line in lines))
            self._stdins[tuple(lines)] = path
        return path

    def _list_own_binds(self) -> tuple[Bind, ...]:
        workspace = self._workspace
        return (
            *self._view.binds,
            Bind(workspace.pfs, "/pfs"),
            Bind(workspace.out, "/pfs/out", writable=True),
            Bind(workspace.tmp, HOME, writable=True),
            *((Bind(workspace.api, API_FOLDER), Bind(SCRIPTS, _SCRIPTS)) if self._has_ways else ()),
            *self._belongings.binds,
        )
