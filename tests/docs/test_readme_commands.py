"""The README's commands, run as they stand against a fresh server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import serving

ROOT = Path(__file__).resolve().parents[2]


def blocks() -> dict[str, str]:
    found = re.findall(r"<!-- tested: (\w+) -->\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return dict(found)


def run(script: str, address: str, home: Path) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PACHD_ADDRESS": address, "CALF_HOME": str(home)}
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


def test_what_users_do_works_as_written(tmp_path: Path) -> None:
    scripts = blocks()
    assert list(scripts) == [
        "create",
        "image",
        "commit",
        "history",
        "replay",
        "tensorboard",
    ]  # the last one in tests/e2e

    with serving(tmp_path / "home") as server:
        said = {
            name: run(script, server.address, tmp_path / "home")
            for name, script in scripts.items()
            if name != "tensorboard"
        }
    assert "\n2\n" in said["create"]
    assert "count-lines" in said["create"]
    assert said["image"].splitlines()[-1] == "one"
    assert "1 + 1 / 2" in said["commit"]
    assert "/second.txt" in said["commit"]
    assert "/first.txt" in said["history"].splitlines()[-1]
    assert "reproduced, bit for bit" in said["replay"]
    assert said["replay"].count("verified: ") == 2


def test_files_that_are_shown_are_there() -> None:
    shown = re.findall(r"<!-- file: (\S+) -->\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert [(path, (ROOT / path).read_text()) for path, _ in shown] == shown
