"""Backups of a whole data folder, made while it is in use, and restoring them.

A backup is laid out as a data folder is. It is consistent because of the order: the metadata are copied as of
one moment, and the packs afterwards: all that the copy refers to was durable before that moment, packs never
change, and no sweep goes on meanwhile. The copy of the metadata gets its name last, so a backup that was cut
off leaves the one before as it was.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from calf.db.history import find_lost
from calf.db.snapshot import write_snapshot
from calf.kit import atomic, rfc3339
from calf.kit.lock import FolderLock
from calf.model.errors import IntegrityError, InvalidArgument, NotFound, Precondition
from calf.storage.copying import DRAFT, copy_file, copy_packs
from calf.storage.exclusion import keep_from_sweeps

FORMAT = 1
_NOTE = "backup.json"
_METADATA = "metadata.sqlite"
_KEY = "attest.key"
_PACKS = Path("storage") / "packs"
_FORMAT_FILE = Path("storage") / "format"
_LOGS = "logs"
_LEFT_BY_US = {"lock", "storage", _LOGS, _KEY, f".{_METADATA}.draft"}


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup or a restore came to: packs that were copied and their bytes, packs in all.

    `damage` names the packs of the source that are damaged or lost, as far as was seen.
    """

    packs: int
    size: int
    of: int
    damage: tuple[str, ...] = ()


def back_up(home: Path, to: Path, now: float, *, link: bool = False, force: bool = False) -> Copied:
    """Bring the backup `to` up to what `home` holds now, making it if need be; a server may run on `home`.

    Only packs that `to` lacks are copied, and nothing of what it has is removed or replaced but the metadata,
    and logs that grew. Raises `NotFound` without data, `InvalidArgument` for a folder that is no backup of
    this one, `Precondition` while space is given back in `home`, `NoSpace`; and `Precondition` where metadata
    would be lost because those of `to` are no earlier state of those of `home`, unless by `force`.
    """
    if not (home / _METADATA).is_file():
        raise NotFound(f"{home} holds no data", "name the data folder with --home")
    _check_target(home, to)
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FolderLock(to), keep_from_sweeps(home / _PACKS):
        draft = to / f".{_METADATA}.draft"
        draft.unlink(missing_ok=True)
        try:
            write_snapshot(home / _METADATA, draft)
            if not force:
                _check_nothing_is_lost(home, to, draft)
            copied = _copy_all(home, to, link=link)
        except BaseException:  # it may be large, and the disk full
            draft.unlink(missing_ok=True)
            raise
        for stale in ("-wal", "-shm", "-mark"):  # of a server that ran on the backup
            (to / f"{_METADATA}{stale}").unlink(missing_ok=True)
        atomic.durable_rename(draft, to / _METADATA)
        note = {"format": FORMAT, "made": rfc3339.format(now), "packs": copied.of}
        atomic.write_file(to / _NOTE, json.dumps(note).encode() + b"\n")
    return copied


def restore(backup: Path, home: Path, *, link: bool = False) -> Copied:
    """Make a data folder of a backup; `home` is empty, yet to be made, or left by a restore that was cut off.

    Raises `NotFound` for a folder that holds no whole backup, `InvalidArgument` for a `home` with something
    in it or a backup that a newer calf made, `NoSpace`.
    """
    check_backup(backup)
    if home.is_dir() and _names(home) - _LEFT_BY_US:
        raise InvalidArgument(f"{home} is not empty", "name a folder yet to be made: nothing is overwritten")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FolderLock(home):
        draft = home / f".{_METADATA}.draft"
        copy_file(backup / _METADATA, draft)  # first: a newer one would need packs that are copied already
        copied = _copy_all(backup, home, link=link)
        atomic.durable_rename(draft, home / _METADATA)
    return copied


def check_backup(folder: Path) -> None:
    """Raise `NotFound` unless a whole backup is there, `InvalidArgument` when a newer calf made it."""
    if not (folder / _NOTE).is_file() or not (folder / _METADATA).is_file():
        raise NotFound(f"{folder} holds no backup", "one that was cut off before its end was never one")
    version = json.loads((folder / _NOTE).read_text())["format"]
    if version > FORMAT:
        raise InvalidArgument(
            f"the backup {folder} has format {version}, this calf knows up to {FORMAT}", "use a newer calf"
        )


def _check_target(home: Path, to: Path) -> None:
    if to.is_relative_to(home) or home.is_relative_to(to):
        raise InvalidArgument(f"{to} and the data folder {home} lie in each other", "name another folder")
    if not to.is_dir():
        return
    present = _names(to)
    if _NOTE not in present and present - _LEFT_BY_US:
        raise InvalidArgument(
            f"{to} is not empty and no backup",
            "name an empty folder, one yet to be made, or an earlier backup",
        )
    ours, theirs = home / _KEY, to / _KEY
    if ours.exists() and theirs.exists() and ours.read_bytes() != theirs.read_bytes():
        raise InvalidArgument(f"{to} is the backup of another data folder", "name a folder for each")


def _check_nothing_is_lost(home: Path, to: Path, draft: Path) -> None:
    replaced = "; with --force its records are replaced all the same"
    if not (to / _METADATA).is_file():
        return
    try:
        lost = find_lost(to / _METADATA, draft)
    except IntegrityError as error:
        raise IntegrityError(
            f"the records of the backup {to}: {error.message}", f"back up to another folder{replaced}"
        ) from error
    if lost:
        raise Precondition(
            f"the backup {to} holds what {home} does not, and would lose it: {lost}",
            "back up to another folder;"
            f" `calf restore {to} --home NEW` gives back what this one holds{replaced}",
        )


def _names(folder: Path) -> set[str]:
    """What is in it; a copy that was cut off goes by the name that it would have got."""
    return {path.name.removesuffix(DRAFT) for path in folder.iterdir()}


def _copy_all(source: Path, target: Path, *, link: bool) -> Copied:
    """All but the metadata."""
    seen = list(copy_packs(source / _PACKS, target / _PACKS, link=link))
    for name in (_FORMAT_FILE, Path(_KEY)):
        if (source / name).is_file():
            copy_file(source / name, target / name)
    _copy_logs(source / _LOGS, target / _LOGS)
    atomic.sync_dir(target / "storage")
    atomic.sync_dir(target)
    sizes = [each.copied for each in seen if each.copied]
    damage = tuple(f"pack {each.name}: {each.damage}" for each in seen if each.damage)
    return Copied(len(sizes), sum(sizes), len(list((target / _PACKS).glob("*.pack"))), damage)


def _copy_logs(source: Path, target: Path) -> None:
    """Logs are no part of any promise: those that differ in size are copied, if they stay."""
    for folder, _, names in os.walk(source):  # passes by folders that go meanwhile
        for log in (Path(folder, name) for name in names):
            try:
                there = target / log.relative_to(source)
                if not there.exists() or there.stat().st_size != log.stat().st_size:
                    there.parent.mkdir(parents=True, exist_ok=True)
                    copy_file(log, there)
            except FileNotFoundError:
                continue
