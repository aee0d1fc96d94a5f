"""A server under load: starting it, what it takes of the machine, stopping it, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from calf.daemon.place import find_running

EVERY = 1.0
HANGING = 30.0
"""Seconds after which a server that was told to stop hangs."""
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Sample:
    """What a server has at one moment: memory and log of the database in bytes, CPU seconds so far."""

    at: float
    memory: int
    descriptors: int
    threads: int
    log: int
    cpu: float


@dataclass
class Server:
    """A server of its own process on a data folder; `samples` are taken every second."""

    home: Path
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    address: str = ""
    samples: list[Sample] = field(default_factory=list)

    def sample(self) -> None:
        """Take one; none once it has ended."""
        folder = Path("/proc") / str(self.process.pid)
        try:
            memory = int((folder / "statm").read_text().split()[1]) * _PAGE
            descriptors = sum(1 for _ in (folder / "fd").iterdir())
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            log = (self.home / "metadata.sqlite-wal").stat().st_size
        except (FileNotFoundError, ProcessLookupError):
            return
        cpu = sum(map(int, words[11:15])) / _TICKS
        self.samples.append(Sample(time.monotonic(), memory, descriptors, int(words[17]), log, cpu))

    def stop(self) -> float:
        """SIGTERM; the seconds until it had ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(HANGING)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGUSR1)
            time.sleep(1)
            where = (self.home.parent / "server.log").read_text(errors="replace")[-20_000:]
            raise AssertionError(f"the server does not stop; where its threads are:\n{where}") from None
        return time.monotonic() - began

    def said(self) -> list[str]:
        """What it has written that no server should have to."""
        lines = (self.home.parent / "server.log").read_text(errors="replace").splitlines()
        return [line for line in lines if "internal error" in line or "unexpected failure" in line]

    def impatient(self) -> list[str]:
        """What it did not wait for when it stopped."""
        lines = (self.home.parent / "server.log").read_text(errors="replace").splitlines()
        return [line.partition("waiting for ")[2] for line in lines if "stopped without waiting" in line]

    def left_behind(self) -> list[str]:
        """Processes that have to do with its folder and are not the server."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if str(self.home) in words and int(folder.name) != os.getpid():
                found.append(f"{folder.name} {words[:120]}")
        return found


@contextmanager
def serving(home: Path, *options: str) -> Iterator[Server]:
    """A server on `home`, which must have stopped at the end or is killed."""
    (home.parent).mkdir(parents=True, exist_ok=True)
    output = (home.parent / "server.log").open("ab")
    command = [sys.executable, "-m", "calf.daemon.main", "serve", "--home", str(home), *options]
    process = subprocess.Popen([*command, "--address", "127.0.0.1:0"], stderr=output)
    server = Server(home, process, output)
    try:
        while (running := find_running(home)) is None or not running.address:
            assert process.poll() is None, "the server did not start"
            time.sleep(0.05)
        server.address = running.address
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        output.close()


@contextmanager
def sampled(server: Server) -> Iterator[None]:
    """Samples all the time."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            server.sample()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
