"""Copying packs to another folder, durably: those that it lacks, each whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from calf.kit.atomic import full_is_no_space, sync_dir, sync_file
from calf.storage.pack_format import SUFFIX

DRAFT = ".copying"
"""What a file is called at its end until it is whole."""


def copy_packs(source: Path, target: Path, *, link: bool = False) -> Iterator[int]:
    """Have every pack of the folder `source` in `target`; gives the bytes of each that was new.

    Packs never change and are named by what is in them, so one of the same name and size is the same; none is
    ever replaced or removed. With `link`, where both folders are on one file system, they share the bytes,
    which then are on the disk once: what damages the one damages the other. Danger: see that no sweep goes on
    in `source` (`calf.storage.exclusion`).
    """
    target.mkdir(parents=True, exist_ok=True)
    for left in target.glob(f"*{DRAFT}"):
        left.unlink()
    for pack in sorted(source.glob(f"*{SUFFIX}")):
        size = _size(pack)
        if size >= 0 and _size(target / pack.name) != size:  # gone: a request took it back that failed
            copy_file(pack, target / pack.name, link=link)
            yield size
    sync_dir(target)


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


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1
