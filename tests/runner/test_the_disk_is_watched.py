"""Who watches the disk begins anew with the next datum, whatever hindered him."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from calf.kit.cancel import CancelToken
from calf.kit.errors import NoSpace
from calf.model.ports import Cancel, DatumRun, Log, Outcome, WorkerSpec
from calf.model.pps_infos import Image
from calf.model.refs import Pipeline
from calf.runner.disk import DiskGuard, WatchedWorker
from calf.runner.workspace import Workspace

BLOCK = 4096


def test_where_no_thread_can_be_had_the_next_datum_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard, workspace = DiskGuard(tmp_path), Workspace(tmp_path / "work")

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError), guard.watch(workspace, 0, CancelToken()):
            pass
    before = threading.active_count()
    with guard.watch(workspace, 0, CancelToken()):
        assert threading.active_count() == before + 1


class Hungry:
    """A worker whose stage fills the disk and then fails in words of its own, once."""

    isolation = "process"

    def __init__(self, disk: Disk, workspace: Workspace) -> None:
        self._disk, self._workspace = disk, workspace
        self.runs = 0

    def run(self, _datum: DatumRun, _log: Log, _cancel: Cancel) -> Outcome:
        self.runs += 1
        if self.runs > 1:
            return Outcome(ok=True)
        (self._workspace.out / "f").write_bytes(bytes(30 * BLOCK))
        self._disk.free -= 30
        return Outcome(ok=False, reason="exit code 1")

    def end_set(self) -> None:
        pass

    def close(self) -> None:
        pass


@dataclass
class Disk:
    """What `statvfs` says of a disk of 500 blocks, of which 10 are the server's."""

    free: int = 35
    f_frsize: int = 4096
    f_blocks: int = 500

    @property
    def f_bavail(self) -> int:
        return self.free


def test_a_stage_that_fails_while_space_lacks_is_begun_again_once_there_is_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, workspace = Disk(), Workspace(tmp_path)
    workspace.out.mkdir(parents=True)
    workspace.tmp.mkdir(parents=True)
    monkeypatch.setattr(os, "statvfs", lambda _path: disk)
    inner = Hungry(disk, workspace)
    spec = WorkerSpec(Pipeline("default", "p"), Image("host", "sha256:host", "host"), ())
    worker = WatchedWorker(inner, DiskGuard(tmp_path), workspace, spec)

    def run(room: int = 0) -> Outcome:
        return worker.run(DatumRun("d", {}, (), room=room), lambda _line, _user: None, CancelToken())

    with pytest.raises(NoSpace, match=r"a datum took .* in /pfs/out and /tmp, which was too much") as ended:
        run()
    assert not list(workspace.out.iterdir())
    room = ended.value.room
    disk.free = room // BLOCK
    assert disk.free > 40  # what it took, and the server's
    with pytest.raises(NoSpace, match=r"40KiB are kept for the server; .* is tried again once .* are free$"):
        run(room)
    disk.free += 1
    assert (run(room).ok, inner.runs) == (True, 2)
