"""What a client asks to be done to files, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calf.model.content import DEFAULT_TAG
from calf.model.refs import CommitRef
from calf.storage.chunks import LEAST


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Remove the file at `path` that `tag` owns; with a slash at its end, all such files below it.

    Nothing there: nothing happens. `/` removes everything that `tag` owns.
    """

    path: str
    tag: str = DEFAULT_TAG


@dataclass(frozen=True, slots=True)
class AddFile:
    """Append `pieces` to what `tag` has at `path`; the file exists afterwards. To overwrite, delete first.

    The pieces are read once, when this operation's turn comes.
    """

    path: str
    pieces: Iterable[bytes | memoryview]
    tag: str = DEFAULT_TAG


@dataclass(frozen=True, slots=True)
class PutFiles:
    """Have these small files, each a path and its bytes, whatever `tag` has there; the last of a path stays.

    As `DeleteFile` and `AddFile` for each, and much less work. No file is above `SMALL`.
    """

    files: Sequence[tuple[str, bytes | memoryview]]
    tag: str = DEFAULT_TAG


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What is below `path` is to be as it is in `commit`; when it is not, all fails with `Precondition`.

    For who has put it there and knows that it would put the same again.
    """

    path: str
    commit: CommitRef


@dataclass(frozen=True, slots=True)
class FetchFile:
    """Append what the server reads from `url` to what `tag` has at `path`.

    `recursive`: all files below the URL, each at its name below `path`, where they replace what `tag` has,
    so that doing it twice does it once; up to `concurrency` are fetched at once (0: 50, at most 1000). A page
    of the web is one file all the same.
    """

    path: str
    url: str
    tag: str = DEFAULT_TAG
    recursive: bool = False
    concurrency: int = 0


@dataclass(frozen=True, slots=True)
class CopyFile:
    """Have a file, or all files below a directory, at `path` too, without copying bytes.

    Each replaces what `tag` has at its new path, or is appended to it. `source_tag` empty: of any owner.
    """

    path: str
    source: CommitRef
    source_path: str
    tag: str = DEFAULT_TAG
    source_tag: str = ""
    append: bool = False


@dataclass(frozen=True, slots=True)
class LayFileset:
    """Do what a fileset says: make its deletions, then append its files."""

    fileset_id: str


SMALL = LEAST
"""Bytes that a file of `PutFiles` may have: such a file is one object."""

Op = DeleteFile | AddFile | PutFiles | Unchanged | FetchFile | CopyFile | LayFileset
