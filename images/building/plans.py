"""Which images there are, and what each is built from: the very files that the sandbox's image has."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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


def base_files(base: Path = BASE) -> Iterator[tuple[Path, bool]]:
    """The files that the base's Dockerfile copies, and which of them are programs."""
    for path in sorted(base.iterdir()):
        if path.name not in _PRIVATE:
            yield path, path.suffix == ".py"


def make_base_context(folder: Path) -> None:
    """Copy the base's files into `folder`.

    Rights are the same whatever the checkout's are, for they are part of what an image's id is made of.
    """
    for path, executable in base_files():
        write_file(folder / path.name, path.read_bytes(), executable)
    open_up(folder)


def write_file(target: Path, data: bytes, executable: bool) -> None:
    """Write a file of a context, with rights of its own."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    target.chmod(0o755 if executable else 0o644)


def open_up(folder: Path) -> None:
    """Give the folders of a context the rights that they have in an image."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


def fresh(folder: Path) -> Path:
    """The folder, made empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
