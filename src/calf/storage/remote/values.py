"""What a place outside of the store offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file below a remote place: `name` is relative to it (`a/b.txt`), `size` in bytes."""

    name: str
    size: int


class Remote(Protocol):
    """A file or folder named by a URL. Any thread may use it, several at once.

    Every method raises `NotFound`, `Denied`, `Unreachable` or `InvalidArgument`, all of which name the URL.
    """

    @property
    def url(self) -> str:
        """The URL that was opened."""

    def list(self) -> Iterator[RemoteFile]:
        """All files below, at any depth, in no particular order; none when there is nothing."""

    def read(self, name: str = "") -> Iterator[bytes]:
        """The bytes of the file `name` below, or of the one that the URL itself names.

        What breaks off in the middle raises; an iteration that ends gave everything.
        """

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write the file `name` below, replacing what is there; readers see the old one or the whole new one.

        What `pieces` raises goes on, and nothing is written. Doing it twice does it once.
        """
