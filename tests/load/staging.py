"""The image of the batching stage: what it needs of this environment, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import grpc

from tests.load.owning import BATCHED

_CONTEXT = """FROM python:3.11
ENV PYTHONPATH=/packages
COPY packages /packages
COPY batched_stage.py /app/batched_stage.py
"""
_STAGEKIT = Path(__file__).parents[2] / "src/stagekit"


def build_stage(home: Path, folder: Path) -> None:
    """Build it for the server of `home`, which needs not run."""
    packages, place = folder / "packages", Path(grpc.__file__).parents[1]
    (packages / "stagekit").mkdir(parents=True)
    (folder / ".git").mkdir()  # a repository's root, for all that is asked: what COPY starts from
    for name in ("__init__.py", "batching.py", "errors.py"):
        shutil.copy(_STAGEKIT / name, packages / "stagekit")
    shutil.copytree(place / "grpc", packages / "grpc", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(place / "typing_extensions.py", packages)
    shutil.copy(Path(__file__).with_name("batched_stage.py"), folder)
    (folder / "Dockerfile").write_text(_CONTEXT)
    words = ["image", "build", str(folder), "-t", BATCHED, "--home", str(home)]
    subprocess.run([sys.executable, "-m", "calf.daemon.main", *words], check=True, stdout=subprocess.DEVNULL)
