from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_COPY = re.compile(r"^COPY (\S+) /(\S+)$", re.MULTILINE)
_ENV = re.compile(r"^ENV (\w+)=(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Image:
    """A stage's image laid out in a folder as its Dockerfile says, run with the environment it says."""

    folder: Path
    env: dict[str, str]

    def run(self, pfs: Path, *, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the stage on a folder in place of `/pfs`, with nothing of the repository in sight."""
        command = [sys.executable, "-P", "-W", "error", str(self.folder / "stage" / "main.py")]
        given = {**self.env, "PATH": os.environ["PATH"], "CALF_PFS": str(pfs), **env}
        given["PYTHONPATH"] = str(self.folder / "stage")
        where = cwd or self.folder
        return subprocess.run(command, env=given, cwd=where, capture_output=True, text=True, check=False)


@pytest.fixture
def image(tmp_path: Path) -> Callable[[str], Image]:
    """Lay out the image of a stage by its name."""
    number = itertools.count()
    return lambda stage: lay_out(stage, tmp_path / "images" / str(next(number)))


def lay_out(stage: str, folder: Path) -> Image:
    """Copy what the stage's Dockerfile copies."""
    dockerfile = (ROOT / "stages" / stage / "Dockerfile").read_text(encoding="utf-8")
    for source, target in _COPY.findall(dockerfile):
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / source, path)
    return Image(folder, dict(_ENV.findall(dockerfile)))
