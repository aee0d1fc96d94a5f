"""A real disk that is too small: a tmpfs in a user and mount namespace of our own, so no root is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


def run_on_small_disk(disk: Path, mebibytes: int, script: Path, *words: str) -> None:
    """Run `script DISK WORDS` in a process for which `disk` holds so much; skips where that cannot be had."""
    disk.mkdir()
    mount = f"mount -t tmpfs -o size={mebibytes}m tmpfs {disk}"
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        able = subprocess.run([*namespace, "sh", "-c", mount], capture_output=True, check=False, text=True)
    except FileNotFoundError:
        pytest.skip("util-linux unshare is missing, so there is no small disk")
    if able.returncode:
        pytest.skip(f"no user namespaces with tmpfs here: {able.stderr.strip()}")
    command = f'{mount} && exec "$0" "$@"'
    done = subprocess.run(
        [*namespace, "sh", "-c", command, sys.executable, "-W", "error", str(script), str(disk), *words],
        capture_output=True,
        check=False,
        cwd=_ROOT,
        env={"PYTHONPATH": f"{_ROOT}:{_ROOT / 'src'}", "PATH": "/usr/bin:/bin"},
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
