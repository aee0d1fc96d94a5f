"""`kill -9` of the process that runs stages, at any moment of their start: nothing of them stays behind.

Nor of those that wait for their datum: one is made ready before the first datum, one while that runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.security.test_stages_that_go_too_far import processes_with

if TYPE_CHECKING:
    from tests.runner.benches import Bench

# Forks a server for each moment, so that Python starts once; kills it that long after it began with a stage.
ENGINE = """
import os, signal, sys, time
from pathlib import Path
from calf.kit.cancel import CancelToken
from calf.model.ports import DatumRun, WorkerSpec
from calf.model.pps_infos import Image
from calf.model.refs import Pipeline
from calf.runner.engine import open_runner
from calf.runner.view import host_view
from calf.storage.store import Store

def serve(home):
    runner = open_runner(home, Store.open(home / "store"), None, lambda image: host_view())
    cmd = ("sh", "-c", f": {mark}; while true; do sleep 60; done")
    image = Image("host", "", "host")
    os.write(tell, b"x")
    worker = runner.worker(WorkerSpec(Pipeline("default", "p"), image, cmd, isolation=isolation))
    worker.run(DatumRun("d", {}, (), followed=True), lambda *_: None, CancelToken())

top, isolation, mark, *moments = sys.argv[1:]
for moment in moments:
    ready, tell = os.pipe()
    server = os.fork()
    if server == 0:
        serve(Path(top) / moment)
    assert os.read(ready, 1) == b"x"
    time.sleep(float(moment))
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)
"""
MOMENTS = ("0", "0.001", "0.003", "0.006", "0.01", "0.015", "0.025", "0.04", "0.07", "0.12")


def test_nothing_outlives_a_killed_server(tmp_path: Path, bench: Bench) -> None:
    mark = f"mark-{os.getpid()}-{bench.isolation}"
    subprocess.run([sys.executable, "-c", ENGINE, tmp_path, bench.isolation, mark, *MOMENTS], check=True)
    deadline = time.monotonic() + 2
    while processes_with(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes_with(mark) == []
