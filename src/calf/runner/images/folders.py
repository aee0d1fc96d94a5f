"""Folders that are made once and then never change: whole under their name, or not there."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from calf.kit.atomic import durable_rename, full_is_no_space
from calf.kit.lock import hold_file
from calf.runner.workspace import remove_tree


def exclusive(path: Path) -> AbstractContextManager[None]:
    """Wait until no other process holds the lock at `path`, and hold it; it dies with its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return hold_file(path)


def make_once(
    folder: Path, fill: Callable[[Path], None], is_sound: Callable[[], bool] = lambda: True
) -> bool:
    """Have `folder` filled by `fill`; False when it was there already, and is as it should be.

    `fill` gets an empty folder beside it. What an interrupted call left is cleared away by the next one, and
    processes that want the same folder wait for each other. One that is not sound is replaced.
    """
    if folder.exists() and is_sound():
        return False
    with exclusive(folder.with_name(f".{folder.name}.lock")):
        if folder.exists() and is_sound():
            return False
        draft, old = (folder.with_name(f".{folder.name}.{kind}") for kind in ("draft", "old"))
        remove_tree(draft)
        remove_tree(old)
        draft.mkdir()
        try:
            with full_is_no_space(folder.parent):
                fill(draft)
                os.sync()
        except BaseException:
            remove_tree(draft)
            raise
        if folder.exists():
            folder.rename(old)
        durable_rename(draft, folder)
        remove_tree(old)
        return True
