"""Short ways to say what is done to files, and what is there."""

from __future__ import annotations

from collections.abc import Iterable

from calf.kit.cancel import CancelToken
from calf.model.refs import Commit
from calf.pfs import files
from calf.pfs.files import AddFile, CopyFile, DeleteFile, Op, Page, PathRange
from tests.pfs.world import World, ref

NEVER = CancelToken()
ALL = Page()


def put(path: str, *pieces: str, tag: str = "default") -> AddFile:
    return AddFile(path, [piece.encode() for piece in pieces], tag)


def overwrite(path: str, text: str, tag: str = "default") -> tuple[Op, ...]:
    return DeleteFile(path, tag), put(path, text, tag=tag)


def delete(path: str, tag: str = "default") -> DeleteFile:
    return DeleteFile(path, tag)


def copy(source: str, path: str, append: bool = False, tag: str = "default") -> CopyFile:
    commit, _, source_path = source.partition(":")
    return CopyFile(path, ref(commit), source_path, tag=tag, append=append)


def modify(world: World, commit: str, *ops: Op | Iterable[Op]) -> Commit:
    flat = [op for item in ops for op in (item if isinstance(item, Iterable) else (item,))]
    return files.modify(world.pfs, ref(commit), flat, NEVER)


def get(world: World, file: str, offset: int = 0) -> str:
    commit, _, path = file.partition(":")
    return b"".join(files.get(world.pfs, ref(commit), path, NEVER, offset=offset)).decode()


def listed(world: World, file: str, page: Page = ALL) -> list[str]:
    commit, _, path = file.partition(":")
    return [info.file.path for info in files.list_file(world.pfs, ref(commit), path, NEVER, page)]


def walked(world: World, file: str, page: Page = ALL) -> list[str]:
    commit, _, path = file.partition(":")
    return [info.file.path for info in files.walk_file(world.pfs, ref(commit), path, NEVER, page)]


def globbed(world: World, file: str, lower: str = "", upper: str = "") -> list[str]:
    commit, _, pattern = file.partition(":")
    found = files.glob_file(world.pfs, ref(commit), pattern, NEVER, PathRange(lower, upper))
    return [info.file.path for info in found]


def differing(world: World, file: str, old: str = "") -> tuple[list[str], list[str]]:
    """Paths of the new and of the old side."""
    commit, _, path = file.partition(":")
    old_commit, _, old_path = old.partition(":")
    pairs = list(
        files.diff_file(world.pfs, ref(commit), path, NEVER, (ref(old_commit), old_path) if old else None)
    )
    return [new.file.path for _, new in pairs if new], [was.file.path for was, _ in pairs if was]
