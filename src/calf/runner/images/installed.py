"""What is installed in an environment: the packages, and whether their files are as they came."""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

from calf.runner.images.packages import plain

PACKAGES = "lib/python3*/site-packages"
"""Where packages lie in an environment."""


def installed(environment: Path) -> dict[str, str]:
    """Names and versions of what is there."""
    split = (info.name.removesuffix(".dist-info").partition("-") for info in _infos(environment))
    return {plain(name): version for name, _, version in split}


def changed_files(environment: Path) -> Iterator[str]:
    """The files of packages that are not as they came, by the records that packages bring along.

    Reads all of them, which takes a while. Bytecode has no record.
    """
    for info in _infos(environment):
        record = info / "RECORD"
        if not record.is_file():
            continue
        with record.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                digest = row[1] if len(row) > 1 else ""
                if digest and not _has(info.parent / row[0], digest):
                    yield row[0]


def _infos(environment: Path) -> list[Path]:
    return sorted(environment.glob(f"{PACKAGES}/*.dist-info"))


def _has(path: Path, digest: str) -> bool:
    algorithm, _, wanted = digest.partition("=")
    if algorithm != "sha256":
        return True
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, algorithm).digest()
    except FileNotFoundError:
        return False
    return base64.urlsafe_b64encode(found).decode().rstrip("=") == wanted
