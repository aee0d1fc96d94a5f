"""Run on a small disk by test_full_disk.py: logs on a disk that is full for a while."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from calf.storage.logs import FileLogStore

JOB = ("default", "p", "a" * 32)


def main(disk: Path) -> None:
    logs = FileLogStore(disk / "logs", lambda: 1.0)
    logs.append(JOB, "d1", "before", True)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free))
    for _ in range(3):
        logs.append(JOB, "d1", "x" * 9000, True)
        logs.append(JOB, "d2", "lost", True)
    ballast.unlink()
    logs.append(JOB, "d1", "after", True)
    logs.append(JOB, "d2", "after", True)
    said = {datum: [line.message for line in logs.read(JOB, datum)] for datum in ("d1", "d2")}
    note = "the disk was full: 3 lines were not kept"
    assert said == {"d1": ["before", note, "after"], "d2": [note, "after"]}, said
    logs.close()


main(Path(sys.argv[1]))
