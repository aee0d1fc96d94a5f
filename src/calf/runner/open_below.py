"""Opening what a stage made or may have locked: by name below an open folder, following nothing."""

from __future__ import annotations

import os
from pathlib import Path

_HANDLE = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


def open_entry(name: str, folder: int | None, flags: int) -> int:
    """Open `name` in `folder` with `flags`; never follows, never waits for a writer. Raises `OSError`.

    With no folder the name is a whole path, whose last part alone is the stage's.
    """
    flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(name, flags, dir_fd=folder)
    except PermissionError:
        unlock(name, folder)
        return os.open(name, flags, dir_fd=folder)


def unlock(name: str, folder: int | None) -> None:
    """Give ourselves the rights to a file or folder of ours; never to what a link in its place leads to."""
    handle = os.open(name, _HANDLE, dir_fd=folder)
    try:
        Path(f"/proc/self/fd/{handle}").chmod(0o700)
    finally:
        os.close(handle)
