"""A commit as it is read: its tree at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from calf.db.tx import Tx
from calf.kit.paths import clean
from calf.model.content import Node
from calf.model.errors import NotFound
from calf.model.not_found import file_not_found
from calf.model.pfs_infos import FileInfo
from calf.model.ports import Cancel, Held
from calf.model.refs import FILESETS_REPO, Commit, CommitRef, File
from calf.model.states import CommitState, FileType
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pfs.filesets.lifetime import find
from calf.storage import trees
from calf.storage.holds import Note


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The tree of `commit`, an open one's so far; `committed` is when it was closed, 0.0 for an open one."""

    commit: Commit
    root: bytes | None
    committed: float
    get: Callable[[bytes], bytes]

    def find(self, path: str, tag: str = "") -> list[Node]:
        """What is at a path, of one owner or (empty) of any. Raises `NotFound` when there is nothing."""
        path = clean(path)
        found = [node for node in trees.find(self.get, self.root, path) if owned_by(node, tag)]
        if not found:
            raise self.not_found(path)
        return found

    def info(self, node: Node) -> FileInfo:
        """The record of a file or directory."""
        tag = node.entry.tag if node.entry else ""
        kind = FileType.FILE if node.entry else FileType.DIR
        return FileInfo(File(self.commit, node.path, tag), kind, node.size, node.hash, self.committed)

    def not_found(self, path: str) -> NotFound:
        """The error of a path at which there is nothing."""
        return file_not_found(path, self.commit)


@contextmanager
def held_snapshot(pfs: Pfs, ref: CommitRef | Commit, cancel: Cancel) -> Iterator[Snapshot]:
    """`take_snapshot` for those who only read: all of it is there to the end of the block, even if the commit
    is deleted meanwhile.
    """
    with pfs.store.hold() as hold:
        yield take_snapshot(pfs, ref, cancel, hold)


def take_snapshot(pfs: Pfs, ref: CommitRef | Commit, cancel: Cancel, hold: Held) -> Snapshot:
    """What a commit holds now, kept by `hold`. Waits for one that is being finished.

    Raises `NotFound`, `Cancelled`, and `Unfinished` for an open commit whose base is open itself.
    """
    while True:
        with hold.looking() as note, pfs.read() as tx:
            if ref.repo.name == FILESETS_REPO:
                return _noted(note, _of_fileset(pfs, tx, ref))
            commit = commits.resolve(tx, ref) if isinstance(ref, CommitRef) else ref
            info = commits.inspect(tx, commit)
            if info.state is not CommitState.FINISHING:
                found = Snapshot(commit, commits.root(tx, commit), info.finishing, pfs.store.get)
                return _noted(note, found)
        ref = commits.wait(pfs, commit, CommitState.FINISHED, cancel).commit


def _noted(note: Note, snapshot: Snapshot) -> Snapshot:
    note(snapshot.root)
    return snapshot


def _of_fileset(pfs: Pfs, tx: Tx, ref: CommitRef | Commit) -> Snapshot:
    """A fileset, which reads like a commit of its files."""
    fileset_id = ref.text if isinstance(ref, CommitRef) else ref.id
    row = find(pfs, tx, fileset_id)
    return Snapshot(Commit(ref.repo, row.id), row.root, row.created, pfs.store.get)


def owned_by(node: Node, tag: str) -> bool:
    """Whether the node is a directory, or a file of this owner (empty: any)."""
    return not tag or node.entry is None or node.entry.tag == tag
