"""Stages run by hand, without an engine: a folder that holds what the image would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_COPY = re.compile(r"^COPY (\S+) /(\S+)$", re.MULTILINE)
_ENV = re.compile(r"^ENV (\w+)=(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Image:
    """A stage's image laid out in a folder as its Dockerfile says, run with the environment it says."""

    folder: Path
    env: dict[str, str]
    python: Path

    def run(self, pfs: Path, *, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the stage on a folder in place of `/pfs`, with nothing of the repository in sight."""
        command = [self.python, "-P", "-W", "error", str(self.folder / "stage" / "main.py")]
        given = {**self.env, "PATH": os.environ["PATH"], "CALF_PFS": str(pfs), **env}
        given["PYTHONPATH"] = str(self.folder / "stage")
        where = cwd or self.folder
        return subprocess.run(command, env=given, cwd=where, capture_output=True, text=True, check=False)


def lay_out(stage: str, folder: Path, python: Path) -> Image:
    """Copy what the stage's Dockerfile copies; `python` has installed what its lock names."""
    dockerfile = (ROOT / "stages" / stage / "Dockerfile").read_text(encoding="utf-8")
    for source, target in _COPY.findall(dockerfile):
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / source, path)
    return Image(folder, dict(_ENV.findall(dockerfile)), python)
