"""The files that a process is made of, and whether they are still as they were when it loaded them."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_TICK = 20_000_000
"""Nanoseconds by which a file's time may be behind the clock: the kernel's own ticks."""
_Look = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The files that this process is made of, as they looked; the interpreter's own stand for each other."""

    files: Mapping[str, _Look]

    def is_current(self) -> bool:
        """Whether a process that begins now would load the same."""
        try:
            return all(_look(file) == look for file, look in self.files.items())
        except OSError:
            return False


def look_at(others: Iterable[str], began: int) -> Loaded | None:
    """The files of all modules that are loaded, and `others`, as they are.

    None when one of them is gone or was changed since `began` (nanoseconds since the epoch), so that nobody
    knows which one was loaded.
    """
    try:
        files = {file: _look(file) for file in (*_modules(), *others)}
    except FileNotFoundError:
        return None
    if any(changed > began - _TICK for _, changed, _, _ in files.values()):
        return None
    return Loaded(files)


def _modules() -> Iterator[str]:
    """The files of all modules but the standard library's, for which one stands, and the interpreter."""
    standard = f"{sysconfig.get_path('stdlib')}{os.sep}"
    site = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file and (not file.startswith(standard) or file.startswith(site)):
            yield file
    yield from (os.__file__, sys.executable)


def _look(file: str) -> _Look:
    found = os.stat(file)  # noqa: PTH116 - for each of hundreds, before each command
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size
