"""What a data folder says of its server: who holds it, where it listens, where it logs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from calf.kit.lock import FolderLock


@dataclass(frozen=True, slots=True)
class Running:
    """A live server; `address` is empty while it starts."""

    pid: int
    address: str


def log_file(home: Path) -> Path:
    """The server's own log."""
    return home / "server.log"


def find_running(home: Path) -> Running | None:
    """The server that holds the folder, None when nobody does. The lock decides, not what a file says."""
    pid = FolderLock.holder(home)
    return None if pid is None else Running(pid, _address(home, pid))


def write_address(home: Path, address: str) -> None:
    """Note where this process listens."""
    (home / "address").write_text(f"{os.getpid()} {address}\n", encoding="ascii")


def _address(home: Path, pid: int) -> str:
    path = home / "address"
    if not path.is_file():
        return ""
    owner, _, address = path.read_text(encoding="ascii").strip().partition(" ")
    return address if owner == str(pid) else ""
