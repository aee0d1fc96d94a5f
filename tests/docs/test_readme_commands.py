"""The README's commands, run as they stand against a fresh server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def blocks() -> dict[str, str]:
    found = re.findall(r"<!-- tested: (\w+) -->\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return dict(found)


def run(script: str, address: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PACHD_ADDRESS": address}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_four_things_users_do_work_as_written(server_address: str) -> None:
    scripts = blocks()
    assert list(scripts) == ["create", "commit", "history", "tensorboard"]  # the last one in tests/e2e

    created = run(scripts["create"], server_address)
    assert "\n2\n" in created
    assert "count-lines" in created

    committed = run(scripts["commit"], server_address)
    assert "1 + 1 / 2" in committed
    assert "/second.txt" in committed

    back = run(scripts["history"], server_address)
    assert "/first.txt" in back.splitlines()[-1]
