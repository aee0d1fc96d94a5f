"""Who watches the disk begins anew with the next datum, whatever hindered him."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from calf.kit.cancel import CancelToken
from calf.runner.disk import DiskGuard
from calf.runner.workspace import Workspace


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
