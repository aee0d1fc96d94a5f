"""A server in a forked process, which is there in a fraction of a second since all is imported already.

Nothing here may use gRPC before it forks: clients go through the local door.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import calf.daemon.build
from calf.client.connection import Client, connect
from calf.daemon.config import Config
from calf.daemon.serve import serve
from calf.pps.scheduler.loop import Scheduler
from tests.crash.watching import Decide, Watch, hand_over_calls

PATIENCE = 30.0
vars(calf.daemon.build)["Scheduler"] = partial(Scheduler, retry_after=0.3)  # by itself it waits for 10 s


@dataclass
class Child:
    """A forked process; `status` is what `waitpid` said once it is over."""

    pid: int
    watch: Watch | None = None
    status: int | None = None

    def kill(self) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        if self.status is None:
            self.status = os.waitpid(self.pid, 0)[1]
        return self.status

    def is_over(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None


def fork(
    work: Callable[[], None],
    log: Path,
    calls: list[str] | None = None,
    decide: Decide | None = None,
    met: Callable[[int], None] = lambda _: None,
) -> Child:
    """Have `work` done in a child, whose `calls` need what `decide` says; `met` is told of it before."""
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        code = 70
        try:
            ours.close()
            out = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            os.dup2(out, 1)
            os.dup2(out, 2)
            if calls:
                listener = hand_over_calls(calls)
                socket.send_fds(theirs, [b"x"], [listener])
                os.close(listener)
                theirs.recv(1)
            theirs.close()
            work()
            code = 0
        except BaseException as error:  # noqa: BLE001 - the end of a process
            import traceback

            traceback.print_exc()
            code = 1 if isinstance(error, Exception) else 70
        finally:
            os._exit(code)
    theirs.close()
    child = Child(pid)
    met(pid)
    if calls and decide:
        _, (listener,), _, _ = socket.recv_fds(ours, 1, 1)
        child.watch = Watch(listener, decide)
        child.watch.start()
        ours.send(b"x")
    ours.close()
    return child


class Machine:
    """A data folder with a server on it, which can be lost at any moment."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home.with_name(f"{home.name}.log")
        self.child: Child | None = None
        self.client: Client | None = None

    def up(self, calls: list[str] | None = None, decide: Decide | None = None) -> bool:
        """Start it; whether it came to answer."""
        config = Config(self.home, "127.0.0.1:0", isolation="process")
        self.child = fork(lambda: serve(config), self.log, calls, decide)
        said = self.home / "address"
        deadline = time.monotonic() + PATIENCE
        while True:
            if said.is_file() and said.read_text().startswith(f"{self.child.pid} "):
                text = said.read_text()
                if text.endswith("\n"):
                    self.client = connect(text.split()[1])
                    return True
            if self.child.is_over():
                return False
            if time.monotonic() > deadline:
                raise AssertionError(f"the server does not start: see {self.log}")
            time.sleep(0.002)

    def get(self) -> Client:
        """The connection to it."""
        assert self.client is not None, "no server"
        return self.client

    def lost(self) -> None:
        """Kill it."""
        if self.client is not None:
            self.client.close()
            self.client = None
        if self.child is not None:
            self.child.kill()
            self.child = None

    def stop(self) -> None:
        """Have it stop in order."""
        assert self.child is not None
        if self.client is not None:
            self.client.close()
            self.client = None
        os.kill(self.child.pid, signal.SIGTERM)
        self.child.wait()
        self.child = None


def copy(source: Path, target: Path) -> None:
    """A folder as it is now, in place of what is there; sockets are left out."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(
        source, target, symlinks=True, ignore=lambda _, names: [n for n in names if n.endswith(".sock")]
    )
