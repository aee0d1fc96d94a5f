"""What a data folder says of its server: who holds it, where it listens, where it logs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calf.kit.errors import InvalidArgument
from calf.kit.lock import FolderLock

if TYPE_CHECKING:
    from calf.pfs.engine import Pfs

_METADATA = "metadata.sqlite"
_OURS = {
    "lock",
    "server.log",
    "images",
    "envs",
    "access",
    "storage",
    "runner",
    "logs",
    "address",
    "api.sock",
} | {
    "options.json",
    "attest.key",
    "last-run",
}
"""What lies in a data folder, some of it before there are metadata, or when they were lost."""
_HARMLESS = {"lost+found", "data.yaml", "params"}
"""What a file system makes, and what `make run` lays down before there is a server."""
_OF_BACKUP = "backup.json"
"""What `calf backup` leaves in its own folders only."""
_UNFINISHED = (".draft", ".copying")


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


def check_folder(home: Path) -> None:
    """Raise `InvalidArgument` for a folder of somebody's that is no data folder: ours has it for itself."""
    if not home.is_dir() or holds_data(home):
        return
    names = {path.name for path in home.iterdir() if path.suffix not in _UNFINISHED}
    if {name for name in names if not name.startswith(_METADATA)} - _OURS - _HARMLESS:
        raise InvalidArgument(
            f"{home} is no data folder and holds other files", "name an empty folder, or one yet to be made"
        )


def check_no_backup(home: Path) -> None:
    """Raise `InvalidArgument` for a backup, which a server would change: the next one could not go there."""
    if (home / _OF_BACKUP).exists():
        raise InvalidArgument(
            f"{home} is a backup, and a server would change it",
            f"`calf restore {home} --home NEW` makes a data folder of it (--link: at once, on the same file"
            f" system); to use the backup itself, and never again as one, remove its {_OF_BACKUP}",
        )


def holds_data(home: Path) -> bool:
    """Whether a server, or a restore, has made something there."""
    return (home / _METADATA).exists()


@contextmanager
def alone(home: Path) -> Iterator[Pfs]:
    """Have what a folder holds for this process alone. Raises `Locked` while a server runs."""
    from calf.pfs.engine import Pfs

    with FolderLock(home):
        pfs = Pfs.open(home)
        try:
            yield pfs
        finally:
            pfs.close()


def write_address(home: Path, address: str, options: Mapping[str, object]) -> None:
    """Note where this process listens, and with which options."""
    text = json.dumps({"pid": os.getpid(), **options})
    (home / "options.json").write_text(text + "\n", encoding="utf-8")
    (home / "address").write_text(f"{os.getpid()} {address}\n", encoding="ascii")


def read_options(home: Path, pid: int) -> dict[str, Any]:
    """The options that a server was started with; empty when that is not known."""
    try:
        found: dict[str, Any] = json.loads((home / "options.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if found.pop("pid", None) == pid else {}


def read_link(home: Path, pid: int) -> str:
    """The dashboard of a server, empty when it has none."""
    return str(read_options(home, pid).get("link", ""))


def _address(home: Path, pid: int) -> str:
    path = home / "address"
    if not path.is_file():
        return ""
    owner, _, address = path.read_text(encoding="ascii").strip().partition(" ")
    return address if owner == str(pid) else ""
