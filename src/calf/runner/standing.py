"""Runs a stage that stands: a spout or a service, which goes on until it ends by itself or is cancelled."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from calf.kit.errors import CalfError, Precondition
from calf.model.limits import Limit
from calf.model.ports import Cancel, DatumRun, Log, Outcome, Port
from calf.model.refs import Pipeline
from calf.runner.ending import Ending, describe_exit, failure, is_not_found
from calf.runner.environment import as_dotenv
from calf.runner.feeding import feeding
from calf.runner.forward import Forward, through_door
from calf.runner.layout import Layout
from calf.runner.ways import SERVER_SOCKET, TO_SERVER, Way, into
from calf.runner.worker import Attempt, Slot, run_once
from calf.runner.workspace import empty

ServerApi = Callable[[Path, Pipeline], Callable[[], None]]
"""Serves the server's API on a socket, for the stage of a pipeline and in its name; returns what stops it."""


def no_server(_socket: Path, pipeline: Pipeline) -> Callable[[], None]:
    """For runners that no server stands behind."""
    raise Precondition(f"the stage of {pipeline} wants to reach the server, and there is none")


class StandingWorker:
    """Implements `ports.Worker`: its outcome says how the process ended; what it put out is not taken in."""

    def __init__(self, slot: Slot, server_api: ServerApi) -> None:
        self._slot = slot
        self._server_api = server_api
        self._layout = Layout(slot.workspace.pfs, slot.store, slot.sandbox.isolated)

    @property
    def isolation(self) -> str:
        """See `ports.Worker`."""
        return self._slot.sandbox.level

    @property
    def limits(self) -> tuple[Limit, ...]:
        """See `ports.Worker`."""
        return self._slot.sandbox.limits

    def run(self, datum: DatumRun, log: Log, cancel: Cancel) -> Outcome:
        """See `ports.Worker`."""
        slot = self._slot
        empty(slot.workspace.tmp)
        for note in slot.notes:
            log(note, False)
        env, image = slot.sandbox.environment(datum.env), slot.spec.image.name
        this = Attempt(datum, log, cancel, env, endless=True, image=image)
        this.port = slot.spec.port
        try:
            self._layout.show(datum.inputs, as_dotenv(this.env))
            with ExitStack() as opened:
                ways = self._open_ways(opened, log)
                opened.enter_context(
                    feeding(slot.workspace.pfs, slot.workspace.plan, slot.store, datum.inputs)
                )
                ending = run_once(slot.sandbox, slot.spec.cmd, slot.spec.stdin, this, ways)
        except CalfError as error:
            return Outcome(ok=False, reason=error.message)
        if ending.cancelled:
            return Outcome(ok=False, cancelled=True, reason="cancelled")
        reason = self._describe(ending)
        if reason and is_not_found(ending):
            reason = this.missing or reason
        return Outcome(ok=not reason, reason=reason or describe_exit(ending.code), exit_code=ending.code)

    def end_set(self) -> None:
        """See `ports.Worker`; what stands does no sets."""

    def close(self) -> None:
        """See `ports.Worker`."""
        self._layout.close()
        self._slot.close()

    def _describe(self, ending: Ending) -> str:
        return failure(ending, self._slot.spec, 0.0)

    def _open_ways(self, opened: ExitStack, log: Log) -> tuple[Way, ...]:
        ways: list[Way] = []
        if self._slot.spec.reaches_server:
            api = _folder(opened, self._slot.workspace.api)
            (self._slot.workspace.api / SERVER_SOCKET).unlink(missing_ok=True)
            opened.callback(self._server_api(api / SERVER_SOCKET, self._slot.spec.pipeline))
            ways.append(TO_SERVER)
        port = self._slot.spec.port
        if port is None:
            return tuple(ways)
        if self._slot.sandbox.isolated:
            door = self._slot.workspace.root / "door"
            empty(door)
            opened.callback(Forward(port.external, lambda: through_door(door)).close)
            ways.append(into(port.internal))
        elif port.internal != port.external:
            opened.callback(_forward(port, log).close)
        log(f"serving at 127.0.0.1:{port.external}", False)
        return tuple(ways)


def _forward(port: Port, log: Log) -> Forward:
    def heard(answers: bool) -> None:
        log(port.heard if answers else port.silent, False)

    return Forward(port.external, lambda: _dial(port.internal), heard)


def _dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port))


def _folder(opened: ExitStack, path: Path) -> Path:
    """The same folder by a short name: the path of a socket may be 107 bytes long."""
    fd = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    opened.callback(os.close, fd)
    return Path(f"/proc/self/fd/{fd}")
