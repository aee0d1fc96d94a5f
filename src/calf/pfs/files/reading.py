"""Asking about files: one, a folder's, all below a path, those that match, those that differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, takewhile

from calf.kit.paths import clean
from calf.model.content import Node
from calf.model.errors import Cancelled, InvalidArgument, NotFound
from calf.model.glob import compile_glob
from calf.model.pfs_infos import FileInfo
from calf.model.ports import Cancel
from calf.model.refs import CommitRef
from calf.pfs.engine import Pfs
from calf.pfs.files.selecting import EVERYWHERE, PathRange
from calf.pfs.files.snapshot import Snapshot, held_snapshot
from calf.storage import trees

MOST_REVERSED = 100_000


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a listing: `number` items (0: all) beyond the path `marker`, or backwards from it."""

    marker: str = ""
    number: int = 0
    reverse: bool = False

    def __post_init__(self) -> None:
        """Raise `InvalidArgument` for a part that cannot be."""
        if self.number < 0:
            raise InvalidArgument("number must not be negative")
        if self.reverse and not self.number:
            raise InvalidArgument("number must be > 0 when reverse is true")
        if self.reverse and self.number > MOST_REVERSED:
            raise InvalidArgument(f"cannot list more than {MOST_REVERSED} files in reverse")


ALL = Page()


def inspect_file(pfs: Pfs, ref: CommitRef, path: str, cancel: Cancel, tag: str = "") -> FileInfo:
    """The record of a file or directory. Raises `NotFound`, also for `/` in an empty commit."""
    with held_snapshot(pfs, ref, cancel) as snapshot:
        return snapshot.info(snapshot.find(path, tag)[0])


def list_file(pfs: Pfs, ref: CommitRef, path: str, cancel: Cancel, page: Page = ALL) -> Iterator[FileInfo]:
    """The files and folders in a folder, in path order; a file lists itself, nothing nothing."""
    with held_snapshot(pfs, ref, cancel) as snapshot:
        get, root, path = snapshot.get, snapshot.root, clean(path)
        itself = (node for node in trees.find(get, root, path) if not node.is_dir and path > page.marker)
        inside = trees.children(get, root, path, page.marker, page.reverse)
        yield from map(snapshot.info, islice(chain(itself, inside), page.number or None))


def walk_file(pfs: Pfs, ref: CommitRef, path: str, cancel: Cancel, page: Page = ALL) -> Iterator[FileInfo]:
    """A path and everything below it, folders before what is in them. Raises `NotFound`, but not for `/`."""
    with held_snapshot(pfs, ref, cancel) as snapshot:
        path = clean(path)
        if path != "/" and not trees.find(snapshot.get, snapshot.root, path):
            raise NotFound(f"commit/{snapshot.commit.id} does not contain item: ({path})")
        yield from map(snapshot.info, _page_of_walk(snapshot, path, page))


def _page_of_walk(snapshot: Snapshot, path: str, page: Page) -> Iterable[Node]:
    get, root = snapshot.get, snapshot.root
    if page.reverse:
        before = takewhile(
            lambda node: not page.marker or node.path < page.marker, trees.walk(get, root, path)
        )
        return reversed(deque(before, maxlen=page.number))
    return islice(trees.walk(get, root, path, page.marker), page.number or None)


def glob_file(
    pfs: Pfs, ref: CommitRef, pattern: str, cancel: Cancel, between: PathRange = EVERYWHERE
) -> Iterator[FileInfo]:
    """The files and folders whose whole path matches, in path order, as far as they are in the range."""
    glob = compile_glob(pattern)
    with held_snapshot(pfs, ref, cancel) as snapshot:

        def get(digest: bytes) -> bytes:
            if cancel.cancelled:  # where nothing matches, nobody else would look
                raise Cancelled("the request was cancelled")
            return snapshot.get(digest)

        for node in trees.matching(get, snapshot.root, glob):
            if between.upper and node.path >= between.upper:
                return
            if node.path in between:
                yield snapshot.info(node)
