"""What is compared, and what is said about it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pair:
    """A file as it was recorded and as it came out again, on this machine's disk; the two are not equal.

    `name` is the path in the commit. `folder` gives the folder for pictures, making it if need be.
    """

    name: str
    recorded: Path
    again: Path
    folder: Callable[[], Path]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a pair differs: `kind` is what the files were read as, `lines` say it, the most telling one first.

    Danger: the lines hold text of the files, which may be hostile to a terminal.
    """

    kind: str
    lines: tuple[str, ...]
    picture: Path | None = None


class Unreadable(Exception):
    """A file is not what its name says, or too large to be read as that."""


BROKEN = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, NotImplementedError, OSError),
    *(RecursionError, SyntaxError, TypeError, ValueError, struct.error),
)
"""What other people's readers of pictures and archives raise at files that were made to break them, beside
errors of their own."""


Presenter = Callable[[Pair], Difference]
"""Says how a pair differs. Raises `Unreadable`; others may then have a try."""


def clip(value: str, limit: int = 80) -> str:
    """A value of a file, cut to what a line has room for."""
    return value if len(value) <= limit else f"{value[: limit - 1]}…"
