"""What an exported commit looks like: a plain tar that every tool can take apart.

`commit.json` comes first and says which commit it was; the files follow below `files/`, in the order of their
paths, as in every commit; `manifest.jsonl` comes last and has a line for each file, and one for the
whole. So both ends pass over the bytes once, and keep none of them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import IO, Any, Self

from blake3 import blake3

FORMAT = "calf-export/1"
COMMIT, FILES, MANIFEST = "commit.json", "files/", "manifest.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as the manifest has it; `path` is absolute, as in the repo."""

    path: str
    size: int
    sha256: str
    blake3: str

    def line(self) -> bytes:
        """Its line of the manifest."""
        return _line({"blake3": self.blake3, "path": self.path, "sha256": self.sha256, "size": self.size})


@dataclass(frozen=True, slots=True)
class Total:
    """The last line of a manifest: so many files and bytes, and the digest of `commit.json`."""

    files: int
    size: int
    commit: str

    def line(self) -> bytes:
        """The line."""
        return _line({"commit_sha256": self.commit, "files": self.files, "size": self.size})


def document(value: Any) -> bytes:
    """`commit.json`, the same bytes for the same value."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode() + b"\n"


class Digesting:
    """A readable file that keeps count and digests of what is read of it."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._sha256, self._blake3 = hashlib.sha256(), blake3()
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._content.close()

    def read(self, size: int = -1) -> bytes:
        """As of any file."""
        piece = self._content.read(size)
        self._sha256.update(piece)
        self._blake3.update(piece)
        self._size += len(piece)
        return piece

    def entry(self, path: str) -> Entry:
        """What was read, as the file at `path`."""
        return Entry(path, self._size, self._sha256.hexdigest(), self._blake3.hexdigest())
