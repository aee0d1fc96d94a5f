"""The ways to run a stage, from the strongest down, and which of them work here: found out by doing, once."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from calf.kit.atomic import disk_failure
from calf.kit.errors import InvalidArgument, Precondition
from calf.runner import bubblewrap, unconfined, unshare
from calf.runner.containers import engines
from calf.runner.host_system import FOLDERS, PATH, system_binds, system_links
from calf.runner.output import Lines
from calf.runner.plan import Bind, Inside, Launcher, Plan
from calf.runner.process import Command, run_within

_PROBE_TIMEOUT = 10.0
_TRIALS = 3
_AGAIN_AFTER = 30.0
_SIGNALLED = 128
_CURE = "install bubblewrap, allow user namespaces, or ask for another isolation"
_SCARCE = {errno.EAGAIN, errno.ENOMEM}


@dataclass(frozen=True, slots=True)
class Backend:
    """One way. `level` is what jobs report.

    `launcher` makes what starts processes as planned, `translator` what maps places inside a sandbox to
    where a stage finds them. With `kept` all processes of a sandbox run, one tree after another, in something
    that stays. `cure` is what helps where it does not work: where `trial` does not end well. Unless
    `any_user`, a stage has the server's own user number.
    """

    name: str
    level: str
    isolated: bool
    launcher: Callable[[Plan], Launcher]
    translator: Callable[[Sequence[Bind]], Callable[[str], str]]
    kept: bool = False
    cure: str = _CURE
    trial: tuple[str, ...] = ("true",)
    any_user: bool = True


def _same(_binds: Sequence[Bind]) -> Callable[[str], str]:
    return str


def _container(name: str, launcher: Callable[[Plan], Launcher], *, any_user: bool) -> Backend:
    return Backend(
        name,
        f"container/{name}",
        isolated=True,
        launcher=launcher,
        translator=_same,
        kept=True,
        cure=engines.CURE,
        trial=engines.TRIAL,
        any_user=any_user,
    )


BACKENDS = (
    Backend("bubblewrap", "sandbox/bubblewrap", True, bubblewrap.launcher, _same),
    Backend("unshare", "sandbox/unshare", True, unshare.launcher, _same),
    Backend("process", "process", False, unconfined.launcher, unconfined.translator),
    _container("podman", engines.podman, any_user=True),
    _container("docker", engines.docker, any_user=False),
)
_ANY_OF = {
    "": tuple(backend for backend in BACKENDS if not backend.kept),
    "sandbox": tuple(backend for backend in BACKENDS if backend.isolated and not backend.kept),
    "container": tuple(backend for backend in BACKENDS if backend.kept),
}


class Detector:
    """Knows which backends work here, by having tried each that was asked for; thread-safe."""

    def __init__(self, folder: Path, etc: Path, again_after: float = _AGAIN_AFTER) -> None:
        """`folder` is for the trial's files, `etc` as for `host_system`."""
        self._again_after = again_after
        self._folder = folder
        self._etc = etc
        self._lock = threading.Lock()
        self._chosen: dict[str, Backend] = {}
        self._complaints: dict[str, tuple[str, float]] = {}

    def choose(self, isolation: str) -> Backend:
        """The strongest backend of that name, or of all but containers for an empty one.

        Raises `InvalidArgument` for an unknown name and `Precondition` when none of those named works here:
        what was asked for is never replaced by something weaker. What was chosen once is chosen again.
        """
        if isolation in self._chosen:
            return self._chosen[isolation]
        wanted = _ANY_OF.get(isolation) or tuple(b for b in BACKENDS if b.name == isolation)
        if not wanted:
            known = ", ".join([*filter(None, _ANY_OF), *(backend.name for backend in BACKENDS)])
            raise InvalidArgument(
                f'unknown isolation "{isolation}"', f"known are {known}, or none for the best"
            )
        complaints: list[str] = []
        for backend in wanted:  # the weaker are not tried where a stronger one works
            complaint = self.complaint(backend)
            if not complaint:
                return self._chosen.setdefault(isolation, backend)
            complaints.append(complaint)
        raise Precondition(
            f"isolation {isolation} cannot be had here: {'; '.join(complaints)}",
            wanted[0].cure,
        )

    def complaint(self, backend: Backend) -> str:
        """Why it does not work here; empty when it does. An engine that does not is tried again now and then:
        it may have been busy, or its service down.
        """
        with self._lock:
            complaint, tried = self._complaints.get(backend.name, ("", 0.0))
            stale = backend.kept and time.monotonic() - tried > self._again_after
            if not tried or (complaint and stale):
                complaint = self._try_and_again(backend)
                self._complaints[backend.name] = complaint, time.monotonic()
            return complaint

    def _try_and_again(self, backend: Backend) -> str:
        """Somebody who kills a trial (a want of memory, say) says nothing about the backend."""
        for _ in range(_TRIALS):
            code, complaint = self._try(backend)
            if code is None or not _was_killed(code):
                break
        return complaint

    def _try(self, backend: Backend) -> tuple[int | None, str]:
        folder = self._folder / f"probe-{backend.name}"
        folder.mkdir(parents=True, exist_ok=True)
        plan = Plan(folder, system_binds(self._etc), FOLDERS, system_links())
        said: list[str] = []
        try:
            with plan.kept:
                code = _run_to_its_end(backend.launcher(plan), backend.trial, folder, Lines(said.append))
        except (Precondition, OSError) as error:
            if isinstance(error, OSError) and (disk_failure(error) or error.errno in _SCARCE):
                raise  # that is about this moment, and passes
            return None, str(error)
        if code == 0:
            return code, ""
        return code, f"{backend.name}: {said[-1] if said else f'exit code {code}'}"


def engine_of(isolation: str, detector: Detector) -> str:
    """The container engine that stages run by where this is asked for, empty for none.

    Raises `Precondition` when any would do, and none works here.
    """
    wanted = [
        backend.name for backend in BACKENDS if backend.kept and isolation in {"container", backend.name}
    ]
    return detector.choose(isolation).name if len(wanted) > 1 else "".join(wanted)


def _was_killed(code: int) -> bool:
    """By a signal: itself, or what it started, of which it tells so."""
    return code < 0 or code > _SIGNALLED


def _run_to_its_end(launcher: Launcher, argv: tuple[str, ...], folder: Path, lines: Lines) -> int | None:
    """Run it so, and give its exit code."""
    launch = launcher(Inside(argv, {"PATH": PATH}, "/"))
    try:
        command = Command(launch.argv, {"PATH": PATH}, folder, handed=launch.handed)
        return run_within(command, lines, _PROBE_TIMEOUT)
    finally:
        launch.finish()
