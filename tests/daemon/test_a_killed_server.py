"""`kill -9` while a stage runs: the stage ends with its server, and the next server goes on by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calf.cli.main import main
from calf.daemon.control import down
from tests.in_process import run_here

LIMIT = 60.0


def calf(*words: str) -> None:
    command = [sys.executable, "-m", "calf.daemon.main", *words]
    subprocess.run(command, capture_output=True, check=True, timeout=LIMIT)


def until(found: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + LIMIT
    while not found():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


class Machine:
    """A server in a process of its own, and pachctl."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.address = ""

    def up(self) -> int:
        calf("up", "--home", str(self.home), "--address", "127.0.0.1:0")
        pid, self.address = (self.home / "address").read_text().split()
        return int(pid)

    def down(self) -> None:
        calf("down", "--home", str(self.home))

    def pachctl(self, *words: str) -> str:
        ended = run_here(main, words, {"PACHD_ADDRESS": self.address})
        assert ended.returncode == 0, (words, ended)
        return ended.stdout.decode()

    def job_state(self, pipeline: str) -> str:
        """The state of its only job."""
        return str(json.loads(self.pachctl("list", "job", "-p", pipeline, "--raw"))["state"])


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path / "home")
    yield made
    down(made.home)


def stages_with(mark: str) -> set[int]:
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if mark.encode() in words and b"pachctl" not in words:
                found.add(int(folder.name))
    return found


def start_slow_pipeline(machine: Machine, spec: Path, mark: str) -> None:
    words = {
        "pipeline": {"name": "slow"},
        "input": {"pfs": {"repo": "in", "glob": "/"}},
        "transform": {"image": "host", "cmd": ["sh", "-c", f": {mark}; sleep 600"]},
    }
    spec.write_text(json.dumps(words))
    machine.pachctl("create", "repo", "in")
    machine.pachctl("put", "file", "in@master:/f", "-f", str(spec))
    machine.pachctl("create", "pipeline", "-f", str(spec))
    until(lambda: len(stages_with(mark)) > 0)


def test_stage_ends_with_its_server_and_its_job_goes_on_with_the_next(
    machine: Machine, tmp_path: Path
) -> None:
    mark = f"mark-{os.getpid()}"
    pid = machine.up()
    start_slow_pipeline(machine, tmp_path / "spec.json", mark)
    before = stages_with(mark)
    began = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    until(lambda: not stages_with(mark) & before)
    assert time.monotonic() - began < 5
    machine.up()
    until(lambda: len(stages_with(mark)) > 0)
    assert machine.job_state("slow") == "JOB_RUNNING"
    assert len(list((machine.home / "runner" / "work").iterdir())) == 1
    assert machine.pachctl("fsck") == ""


def test_stop_in_order_ends_the_stage_in_time(machine: Machine, tmp_path: Path) -> None:
    mark = f"mark-down-{os.getpid()}"
    machine.up()
    start_slow_pipeline(machine, tmp_path / "spec.json", mark)
    began = time.monotonic()
    machine.down()
    assert time.monotonic() - began < 8
    assert stages_with(mark) == set()
    assert list((machine.home / "runner" / "work").iterdir()) == []
