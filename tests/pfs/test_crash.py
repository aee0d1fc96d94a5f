"""A process that dies without warning loses nothing that it had acknowledged."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.pfs.world import World

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
from tests.pfs.world import World

world = World.open(Path(sys.argv[1]))
world.repo("in", "out")
world.branch("out@master", provenance="in@master")
world.finish("out@master")
number = 0
while True:
    number += 1
    made = world.commit("in@master", f"/{number}")
    world.finish("out@master")
    print(made.id, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-c", WRITER, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _ in range(10)]
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.read().split()
    survivor = World.open(home)
    assert survivor.fsck() == []
    oldest_first = [commit.id for commit in survivor.log("in")][::-1]
    assert oldest_first[1 : 1 + len(told)] == told
    assert len(survivor.files(f"in@{told[-1]}")) == len(told)
    survivor.pfs.close()
