"""Which images there are, and what each is built from: the very files that the sandbox's image has."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from calf.runner.images.dockerfile import read_dockerfile
from calf.runner.images.files import collect

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/images"
BASE = ROOT / "images/base"
EPOCH = 1565827200
"""The time of every file, in seconds; the Dockerfiles give it to programs as SOURCE_DATE_EPOCH."""
_PRIVATE = {"Dockerfile", "upstream.txt", "__pycache__"}


class BuildError(Exception):
    """What keeps an image from being built, in words for people."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An image: `name` as specs have it, its Dockerfile, the lock that it installs."""

    name: str
    dockerfile: Path
    lock: Path

    @property
    def short(self) -> str:
        """The name without `calf/`."""
        return self.name.partition("/")[2]


def all_plans(root: Path = ROOT) -> list[Plan]:
    """Every stage's image, and the one that brings specs into force on a cluster."""
    folders = [path.parent for path in sorted(root.glob("stages/*/Dockerfile"))]
    return [
        Plan(f"calf/{folder.name}", folder / "Dockerfile", folder / "requirements.lock")
        for folder in (*folders, root / "images/deliver")
    ]


def make_context(plan: Plan, folder: Path, root: Path = ROOT) -> None:
    """Copy into `folder` what the Dockerfile takes, and nothing else.

    Rights are the same whatever the checkout's are, for they are part of what an image's id is made of.
    """
    recipe = read_dockerfile(plan.dockerfile)
    for file in collect(recipe, root, plan.dockerfile):
        _write(folder / file.origin.relative_to(root), file.data, file.executable)
    _open_up(folder)


def make_base_context(folder: Path) -> None:
    """The same for the base."""
    for path in sorted(BASE.iterdir()):
        if path.name not in _PRIVATE:
            _write(folder / path.name, path.read_bytes(), path.suffix == ".py")
    _open_up(folder)


def _write(target: Path, data: bytes, executable: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    target.chmod(0o755 if executable else 0o644)


def _open_up(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


def fresh(folder: Path) -> Path:
    """The folder, made empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
