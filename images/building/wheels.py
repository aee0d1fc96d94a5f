"""The packages of the locks, fetched once and before: no build needs a network or a registry's secrets."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from building.engine import Mount
from building.plans import ROOT, BuildError
from calf.runner.images.packages import plain

WHEELS = ROOT / ".cache/wheels"
_TARGET = "/mnt"
_SETTINGS = f"""\
[global]
no-index = true
find-links = {_TARGET}
no-cache-dir = true
disable-pip-version-check = true
"""
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def fetch(lock: Path) -> None:
    """Have every package of the lock in `.cache/wheels`, from where pip gets its own, hashes compared."""
    WHEELS.mkdir(parents=True, exist_ok=True)
    done = WHEELS / f".{hashlib.sha256(lock.read_bytes()).hexdigest()}"
    if done.exists():
        return
    options = ("--require-hashes", "--no-deps", "--only-binary=:all:", "--quiet")
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(WHEELS), "-r", str(lock)]
    got = subprocess.run(command, capture_output=True, text=True, check=False)
    if got.returncode != 0:
        raise BuildError(f"the packages of {lock.relative_to(ROOT)} cannot be had:\n{got.stderr[-2000:]}")
    done.touch()


def mounts() -> tuple[Mount, ...]:
    """What a build is shown: the packages, and settings that lead pip to them."""
    WHEELS.mkdir(parents=True, exist_ok=True)
    settings = WHEELS / "pip.conf"
    settings.write_text(_SETTINGS)
    return Mount(WHEELS, _TARGET), Mount(settings, "/etc/pip.conf")


def hashes(lock: Path) -> Mapping[str, str]:
    """The SHA-256 of the file that each package of the lock was installed from, by its plain name."""
    pinned = set(_HASH.findall(lock.read_text()))
    found = {}
    for wheel in sorted(WHEELS.glob("*.whl")):
        if (digest := _sha256(wheel)) in pinned:
            found[plain(wheel.name.partition("-")[0])] = digest
    return found


@cache
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
