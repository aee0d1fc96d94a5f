"""A server of our own, and our command lines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from measuring import Cost, children_of, cpu_of, measure

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv/bin"
CALF, PACHCTL = BIN / "calf", BIN / "pachctl"
LISTENS = "00010000"
PATIENCE = 10.0
"""Seconds until a server has the warm process by which commands begin."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, its address and the environment that our command line needs."""

    pid: int
    address: str
    home: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def cpu(self) -> float:
        """CPU seconds so far, with stages and children that ended, and with what was forked for commands."""
        _let_commands_end(self.pid)
        return cpu_of(self.pid)

    def pachctl(self, *words: str | Path) -> str:
        """What our command line prints."""
        return run_tool(PACHCTL, *words, env=self.env)

    def measure(self, *words: str | Path) -> Cost:
        """What a run of our command line costs, the server's part included."""
        return measure((PACHCTL, *words), self.home, self.env, self.cpu)

    def script(self, text: str) -> Cost:
        """What a script of several of our commands costs."""
        return measure(("sh", "-ec", text), self.home, self.env, self.cpu)


@contextmanager
def serving(home: Path, code: Path | None = None) -> Iterator[Server]:
    """A server of our own; `code` is another version's source folder, for it and for its commands."""
    tag = f"bench-{zlib.crc32(bytes(home)):x}"  # a warm process of its own, among other servers
    own = {"PACH_CONFIG": f"{home}.config.json", "XDG_CACHE_HOME": f"{home}.cache", "CALF_WARM": tag}
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **own}
    if code is not None:
        env["PYTHONPATH"] = str(code)
    profile = _start_profiled(home, env) if "BENCH_PROFILE" in env else None
    start = ("status",) if profile else ("up", "--address", "127.0.0.1:0")
    said = run_tool(CALF, *start, "--home", home, env=env)
    try:
        found = re.search(r"(\S+:\d+), process (\d+)", said)
        assert found, said
        if ((code or ROOT / "src") / "calf/cli/warm").is_dir():
            _wait_until_warm(tag)
        yield Server(
            int(found[2]), found[1], home, {**env, "PACHD_ADDRESS": found[1], "CALF_HOME": str(home)}
        )
    finally:
        run_tool(CALF, "down", "--home", home, env=env)
        if profile is not None:
            profile.wait()


def _wait_until_warm(tag: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        rows = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
        if any(row[-1].endswith(f"/{tag}") and row[3] == LISTENS for row in rows):
            return
        time.sleep(0.02)
    raise SystemExit("the server has no warm process")


def _let_commands_end(server: int) -> None:
    """Wait for what the warm process forked: a client has its exit code a moment before that is gone."""
    deadline = time.monotonic() + 0.1
    warm = [pid for pid in children_of(server) if b"calf.cli.warm" in _words(pid)]
    while any(True for pid in warm for _ in children_of(pid)) and time.monotonic() < deadline:
        time.sleep(0.001)


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _start_profiled(home: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("profiled_server.py")
    words = (
        sys.executable,
        script,
        env["BENCH_PROFILE"],
        "serve",
        "--home",
        home,
        "--address",
        "127.0.0.1:0",
    )
    started = subprocess.Popen(list(map(str, words)), env=env)
    while not re.search(r"up: \S+:\d+,", _ask(CALF, "status", "--home", home, env=env)):
        if started.poll() is not None:
            raise SystemExit("the profiled server ended")
    return started


def _ask(*command: str | Path, env: Mapping[str, str]) -> str:
    return subprocess.run(
        list(map(str, command)), env=env, check=False, stdout=subprocess.PIPE, text=True
    ).stdout


def run_tool(*command: str | Path, env: Mapping[str, str], cwd: Path | None = None) -> str:
    """What a command prints; it must succeed."""
    words: Sequence[str] = [str(word) for word in command]
    return subprocess.run(words, env=env, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout
