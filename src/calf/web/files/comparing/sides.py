"""The two files that are compared."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calf.views.differences.pair import Pair, Unreadable
from calf.web import links
from calf.web.files.previews.subject import HEAD, Subject
from calf.web.files.remote import Remote
from calf.web.pages import Ask


@dataclass(frozen=True, slots=True)
class Sides:
    """A file before and after, each with its hash; None where it is not there. One of them is."""

    ask: Ask
    path: str
    before: tuple[Remote, str] | None
    after: tuple[Remote, str] | None

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self.before is not None and self.after is not None and self.before[1] == self.after[1]

    def both(self, most: int) -> tuple[bytes, bytes]:
        """The bytes of both; one that is not there has none. Raises `Unreadable` for large ones."""
        return self._whole(self.before, most), self._whole(self.after, most)

    def raw(self, side: tuple[Remote, str] | None, show: str) -> str:
        """The link to a picture of a side, empty when it is not there."""
        if side is None:
            return ""
        commit = side[0].file.commit.id
        return links.raw(self.ask.project, self.ask.path["name"], commit, self.path, show)

    def subject(self, side: tuple[Remote, str]) -> Subject:
        """A side as what previews read."""
        remote = side[0]
        return Subject(self.ask, remote.file.commit.id, remote, remote.read(0, HEAD) if remote.size else b"")

    @contextmanager
    def on_disk(self, most: int) -> Iterator[Pair]:
        """Both as files of this machine. Raises `Unreadable` for large ones, and when one is not there."""
        if self.before is None or self.after is None:
            raise Unreadable("there is one only")
        if max(self.before[0].size, self.after[0].size) > most:
            raise Unreadable("the files are large")
        with tempfile.TemporaryDirectory(prefix="calf-difference-") as name:
            folder = Path(name)
            for remote, place in ((self.before[0], folder / "before"), (self.after[0], folder / "after")):
                with place.open("wb") as file:
                    file.writelines(remote.pieces(0, most))
            yield Pair(self.path, folder / "before", folder / "after", lambda: folder)

    @staticmethod
    def _whole(side: tuple[Remote, str] | None, most: int) -> bytes:
        return b"" if side is None else side[0].whole(most)


Comparison = Callable[[Sides], Mapping[str, Any]]
"""What a page shows of two files; `kind` names the template. Raises `Unreadable`: then another has a try."""
