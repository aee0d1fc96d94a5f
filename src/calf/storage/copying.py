"""Copying packs to another folder, durably: those that it lacks, each whole or not at all, and looked at."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from calf.kit.atomic import full_is_no_space, sync_dir, sync_file
from calf.storage.blobs import unpack
from calf.storage.pack_format import SUFFIX, misshapen, read_index, unsoundness

DRAFT = ".copying"
"""What a file is called at its end until it is whole."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A pack of the source: the bytes that were copied, and what is wrong with it, empty for nothing."""

    name: str
    copied: int = 0
    damage: str = ""


def copy_packs(source: Path, target: Path, *, link: bool = False) -> Iterator[Seen]:
    """Have every pack of the folder `source` in `target`; gives each, and those that are lost.

    Packs never change and are named by what is in them, so a whole one of the same name and size is the same;
    none of those is ever replaced or removed. One that is damaged is copied where there is nothing better,
    for the sake of what can be read in it. The ends of each are looked at; what is copied is read and hashed.
    With `link`, where both folders are on one file system, they share the bytes, which then are on the disk
    once, and are not read: what damages the one damages the other. Danger: see that no sweep goes on in
    `source` (`calf.storage.exclusion`).
    """
    target.mkdir(parents=True, exist_ok=True)
    for left in target.glob(f"*{DRAFT}"):
        left.unlink()
    for name in _recorded(source):
        if not (source / name).exists():
            yield Seen(name, damage="it is gone")
    for pack in sorted(source.glob(f"*{SUFFIX}")):
        try:
            yield _copy_pack(pack, target / pack.name, link=link)
        except FileNotFoundError:
            continue  # a request took it back that failed
    sync_dir(target)


def _copy_pack(pack: Path, there: Path, *, link: bool) -> Seen:
    damage, size = misshapen(pack), pack.stat().st_size
    if there.exists() and (not misshapen(there) or (damage and size == there.stat().st_size)):
        return Seen(pack.name, damage=damage)
    copy_file(pack, there, link=link)
    return Seen(pack.name, size, damage or ("" if link else _flaw(there)))


def _flaw(path: Path) -> str:
    """What is wrong with a pack, each object of it having been read."""
    if reason := unsoundness(path):
        return reason
    with path.open("rb") as file:
        bad = sum(
            unpack(oid, os.pread(file.fileno(), at.stored, at.offset), at) is None
            for oid, at in read_index(path)
        )
    return f"{bad} objects in it are damaged" if bad else ""


def _recorded(packs: Path) -> list[str]:
    """The packs that the location index knows: none when it cannot be read, which the packs outlive."""
    file = packs.parent / "packs.sqlite"
    if not file.is_file():
        return []
    try:
        with closing(sqlite3.connect(file)) as index:
            rows = index.execute("SELECT name FROM packs").fetchall()
    except sqlite3.DatabaseError:
        return []
    return sorted(name.hex() + SUFFIX for (name,) in rows if isinstance(name, bytes))


def copy_file(source: Path, target: Path, *, link: bool = False) -> None:
    """A file with its bytes on the disk, under its name once it is whole; the name is for `sync_dir`."""
    draft = target.with_name(f"{target.name}{DRAFT}")
    draft.unlink(missing_ok=True)
    with full_is_no_space(target.parent):
        if link:
            os.link(source, draft)
        else:
            shutil.copyfile(source, draft)
            draft.chmod(0o600)
            sync_file(draft)
        draft.replace(target)
