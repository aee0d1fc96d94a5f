"""From operations to a new tree: first bytes, outside of any lock, then what they do to the tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from calf.kit.paths import DEEPEST, check_put_path, clean, refuse_relative
from calf.model.content import Content, Entry
from calf.model.errors import Cancelled, Precondition
from calf.model.ports import Cancel, Held
from calf.pfs.engine import Pfs
from calf.pfs.files.fetching import fetch
from calf.pfs.files.ops import AddFile, CopyFile, DeleteFile, FetchFile, LayFileset, Op, PutFiles, Unchanged
from calf.pfs.files.overlay import Overlay
from calf.pfs.files.snapshot import Snapshot, take_snapshot
from calf.pfs.filesets.lifetime import find
from calf.storage import trees
from calf.storage.writer import Writer


@dataclass(frozen=True, slots=True)
class Put:
    """Have this owner's content at this path, or, with `append`, after what it has there."""

    path: str
    tag: str
    content: Content
    append: bool


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove what this owner has at this path, or, with `below`, all that it has below that folder."""

    path: str
    tag: str
    below: bool


@dataclass(frozen=True, slots=True)
class PutMany:
    """Have this owner's contents at these paths, whatever it has there."""

    tag: str
    contents: Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class Same:
    """What is below this path must be what is there in the tree `root`."""

    path: str
    root: bytes | None


Step = Put | PutMany | Delete | Same


def stage(pfs: Pfs, writer: Writer, ops: Iterable[Op], cancel: Cancel) -> list[Step]:
    """Check the operations, store their bytes and look up what they copy. Raises `Cancelled`."""
    return list(_until(cancel, _steps(pfs, writer, ops, cancel)))


def _steps(pfs: Pfs, writer: Writer, ops: Iterable[Op], cancel: Cancel) -> Iterator[Step]:
    for op in ops:
        match op:
            case AddFile(path, pieces, tag):
                path = check_put_path(path)
                yield Put(path, tag, writer.stream(pieces), append=True)
            case PutFiles(small, tag):
                paths = [check_put_path(path) for path, _ in small]
                contents = writer.contents([data for _, data in small])
                yield PutMany(tag, dict(zip(paths, contents, strict=True)))
            case FetchFile():
                for file in fetch(pfs.remotes, op, writer.stream, cancel):
                    yield Put(file.path, op.tag, file.content, not op.recursive)
            case DeleteFile(path, tag):
                refuse_relative(path)
                cleaned = clean(path)
                if cleaned.count("/") <= DEEPEST:  # deeper there is nothing
                    yield Delete(cleaned, tag, below=path.endswith("/") or cleaned == "/")
            case CopyFile() | LayFileset() | Unchanged():
                yield from _of_trees(pfs, writer.hold, op, cancel)


def _of_trees(pfs: Pfs, hold: Held, op: CopyFile | LayFileset | Unchanged, cancel: Cancel) -> Iterator[Step]:
    match op:
        case CopyFile():
            yield from _copies(op, take_snapshot(pfs, op.source, cancel, hold))
        case LayFileset(fileset_id):
            yield from _of_fileset(pfs, hold, fileset_id)
        case Unchanged(path, commit):
            yield Same(clean(path), take_snapshot(pfs, commit, cancel, hold).root)


def _until(cancel: Cancel, steps: Iterable[Step]) -> Iterator[Step]:
    """One operation may be a million steps, and who asked for it may be gone."""
    for step in steps:
        if cancel.cancelled:
            raise Cancelled("the request was cancelled")
        yield step


def carry_out(writer: Writer, root: bytes | None, steps: Iterable[Step]) -> bytes | None:
    """The root of the tree after all steps; its new pages are in the writer."""
    overlay = Overlay(writer.get, root)
    for step in steps:
        match step:
            case Delete(path, tag, below=True):
                overlay.delete_below(path, tag)
            case Delete(path, tag):
                overlay.delete(path, tag)
            case Same(path, other):
                _check_same(writer, root, other, path)
            case PutMany(tag, contents):
                overlay.put_all(tag, contents)
            case Put(path, tag, content, append):
                before = overlay.content(path, tag) if append else None
                if before is not None and before.size:
                    content = writer.append(before, writer.read(content))
                overlay.put(path, tag, content)
    return trees.apply(writer.get, writer.put, root, overlay.changes())


def _check_same(writer: Writer, root: bytes | None, other: bytes | None, path: str) -> None:
    if root != other and next(trees.diff(writer.get, other, root, path), None) is not None:
        raise Precondition(f"what is below {path} is not as it was", "put it again, every file of it")


def _copies(op: CopyFile, source: Snapshot) -> Iterator[Step]:
    path = clean(op.source_path)
    for node in source.find(path, op.source_tag):
        for entry in trees.entries(source.get, source.root, path) if node.is_dir else _one(node.entry):
            if entry.path.startswith(node.path) and op.source_tag in ("", entry.tag):
                target = check_put_path(clean(op.path) + entry.path[len(path.rstrip("/")) :])
                yield Put(target, op.tag, entry.content, op.append)


def _of_fileset(pfs: Pfs, hold: Held, fileset_id: str) -> Iterator[Step]:
    with hold.looking() as note, pfs.read() as tx:
        row = find(pfs, tx, fileset_id)
        note(row.root)
    for each in row.deletions:
        yield Delete(each.path, each.tag, each.below)
    for entry in trees.entries(pfs.store.get, row.root):
        yield Put(entry.path, entry.tag, entry.content, append=True)


def _one(entry: Entry | None) -> Iterator[Entry]:
    if entry:
        yield entry
