"""Datums on a small real disk, one of which fills it; run by test_stages_that_fill_the_disk.py."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from calf.kit.cancel import CancelToken
from calf.kit.errors import NoSpace
from calf.model.ports import DatumRun, Outcome, WorkerSpec
from calf.model.pps_infos import Image
from calf.model.refs import Pipeline
from calf.rpc.worker_api import serve_worker_api
from calf.runner.engine import SandboxRunner, open_runner
from calf.runner.view import host_view
from calf.storage.store import Store

MIB = 1 << 20
HOST = Image("host", "sha256:host", "host")
# slower than the disk, so that a busy machine has time to look
FILL = """
import os, time
file = open({path!r}, "wb", buffering=0)
if {nameless}:
    os.unlink({path!r})
for _ in range(1000):
    file.write(bytes(1 << 20))
    time.sleep(0.02)
"""
NEIGHBOUR = "import time; time.sleep({seconds}); open('/pfs/out/f', 'w').write('done')"
PATHS = {"in-out": "/pfs/out/f", "nameless": "/tmp/f"}


def run(runner: SandboxRunner, script: str, *, standing: bool = False, room: int = 0) -> Outcome:
    spec = WorkerSpec(Pipeline("default", "p"), HOST, ("python3", "-c", script), standing=standing)
    worker = runner.worker(spec)
    try:
        return worker.run(DatumRun("d", {}, (), 30.0, room=room), lambda _line, _user: None, CancelToken())
    finally:
        worker.close()


def refuses_to_begin(runner: SandboxRunner, disk: Path) -> None:
    """Whoever else has filled the disk: nothing begins that would only make it worse."""
    found = os.statvfs(disk)
    (disk / "by-others").write_bytes(bytes(found.f_bavail * found.f_frsize - MIB))
    with pytest.raises(NoSpace, match="are kept for the server"):
        run(runner, "pass")
    assert "are kept for the server" in run(runner, "pass", standing=True).reason
    (disk / "by-others").unlink()


def main(disk: Path, way: str) -> None:
    store = Store.open(disk / "store")
    runner = open_runner(disk / "runner", store, serve_worker_api, lambda _image: host_view())
    others = os.open(disk / "others", os.O_CREAT | os.O_WRONLY)
    os.posix_fallocate(others, 0, 300 * MIB)
    os.close(others)
    neighbours: list[Outcome] = []
    beside = threading.Thread(target=lambda: neighbours.append(run(runner, NEIGHBOUR.format(seconds=1))))
    beside.start()
    fill = FILL.format(path=PATHS[way], nameless=way == "nameless")
    with pytest.raises(NoSpace, match=r"a datum took .* is tried again once .* are free$") as filled:
        run(runner, fill)
    room = filled.value.room
    with pytest.raises(NoSpace, match=r"8MiB are kept for the server; .* once .* are free$") as again:
        run(runner, "pass", room=room)  # nobody has freed anything
    assert again.value.room == room
    with store.writer() as writer:
        writer.content(bytes(MIB))
        writer.seal()
    beside.join()
    (disk / "others").unlink()
    assert run(runner, "pass", room=room).ok
    assert neighbours[0].ok, neighbours
    if way == "in-out":
        refuses_to_begin(runner, disk)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
