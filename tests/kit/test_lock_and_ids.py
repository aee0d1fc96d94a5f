from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from calf.kit.errors import Locked, NoSpace
from calf.kit.ids import new_id
from calf.kit.lock import FolderLock
from calf.model.names import is_id


def test_a_second_owner_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(Locked, match=rf"in use by .* \(process {os.getpid()}\)$"):
        FolderLock(tmp_path)
    FolderLock(tmp_path).release()


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from calf.kit.lock import FolderLock\n"
        "lock = FolderLock(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == -9
    FolderLock(tmp_path).release()


def test_new_ids_have_the_form_of_ids_and_differ() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(map(is_id, ids))


def test_a_disk_without_room_for_the_lock_is_said_to_be_full(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(NoSpace, match="no space left"):
            FolderLock(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    FolderLock(tmp_path).release()
