"""Makes a Python environment from a hashed lock, once for all images with that lock.

Files are hard links into uv's cache, so environments that share packages share their bytes, on the disk and
in memory. Bytecode is made here, because images are read-only; what a sibling has made of the same file is
linked, not made again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from uv import find_uv_bin

from calf.kit.errors import Precondition
from calf.runner.images.folders import make_once
from calf.runner.images.identity import environment_digest
from calf.runner.images.installed import installed
from calf.runner.images.packages import LOCK, wanted_packages
from calf.runner.images.registries import uv_settings
from calf.runner.plan import interpreter
from calf.runner.process import run_tool

Say = Callable[[str], None]
_NOISE = (" + ", "Using Python")
_COMPILE = Path(__file__).with_name("bytecode.py")


def make_environment(envs: Path, digest: str, lock: bytes, env: Mapping[str, str], say: Say) -> Path:
    """The folder of the environment for `lock`, made if it is not there yet.

    `env` is the environment to find registries with: uv's own settings, pip's, proxies and certificates are
    honoured. Raises `Precondition` with the tool's words when the lock cannot be installed.
    """
    name = digest.partition(":")[2]
    folder = envs / name
    envs.mkdir(parents=True, exist_ok=True)

    def fill(draft: Path) -> None:
        say("installing the locked packages")
        _install(draft, lock, uv_settings(env), say)
        _link_bytecode(
            draft, [path for path in envs.iterdir() if path != draft and not path.name.startswith(".")]
        )
        say("compiling bytecode")
        run_tool((str(draft / "bin" / "python"), "-I", str(_COMPILE), str(draft)), {}, draft, lambda _: None)

    make_once(folder, fill, lambda: _is_sound(folder, digest))
    return folder


def _is_sound(folder: Path, digest: str) -> bool:
    """Whether the lock and the packages' versions are those that the environment was made for."""
    try:
        lock = (folder / LOCK).read_bytes()
    except FileNotFoundError:
        return False
    there = installed(folder)
    return environment_digest(lock) == digest and wanted_packages(lock, there) == there


def _install(draft: Path, lock: bytes, env: Mapping[str, str], say: Say) -> None:
    uv = find_uv_bin()
    (draft / LOCK).write_bytes(lock)
    python = str(draft / "bin" / "python")
    make = (uv, "venv", "--quiet", "--relocatable", "--allow-existing", "--python", interpreter(), str(draft))
    sync = (uv, "pip", "sync", "--require-hashes", "--link-mode", "hardlink", "--python", python)
    lines: list[str] = []

    def hear(line: str) -> None:
        lines.append(line)
        if not line.startswith(_NOISE):
            say(line)

    for argv in (make, (*sync, "--allow-empty-requirements", str(draft / LOCK))):
        if run_tool(argv, env, draft, hear) != 0:
            raise Precondition(
                f"the locked packages could not be installed: {' '.join(lines[-3:])}",
                "check the lock, and that the registry can be reached (settings of pip and uv are honoured)",
            )


def _link_bytecode(folder: Path, siblings: list[Path]) -> None:
    """Link the bytecode of every source file that a sibling has too: the same file, by its inode."""
    made = {}
    for sibling in siblings:
        for source in sibling.rglob("*.py"):
            made[source.stat().st_ino] = _bytecode(source)
    for source in folder.rglob("*.py"):
        there = made.get(source.stat().st_ino)
        if there is not None and there.exists():
            here = _bytecode(source)
            here.parent.mkdir(exist_ok=True)
            os.link(there, here)


def _bytecode(source: Path) -> Path:
    return source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
