"""Changes in the order in which they came, gathered into one edit per directory and per file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from calf.model.content import Content
from calf.storage.trees.rows import Below
from calf.storage.trees.values import Change, DeleteBelow, DeletePath, PutContents, PutEntry, PutTree


class FileEdit:
    """What happens to one path: first `wiped` (all owners go) or `dropped` (these go), then `put`."""

    __slots__ = ("dropped", "put", "wiped")

    def __init__(self) -> None:
        self.wiped = False
        self.dropped: set[str] = set()
        self.put: dict[str, Content] = {}


class DirEdit:
    """What happens below a directory: first `wiped` or `dropped` (old files at any depth), then the parts.

    A `planted` directory takes the place of the old one, and is what is wiped or dropped from.
    """

    __slots__ = ("dirs", "dropped", "files", "planted", "wiped")

    def __init__(self) -> None:
        self.wiped = False
        self.planted: Below | None = None
        self.dropped: set[str] = set()
        self.files: dict[str, FileEdit] = {}
        self.dirs: dict[str, DirEdit] = {}

    def wipe(self) -> None:
        """Remove everything so far."""
        self.wiped, self.planted = True, None
        self.dropped.clear()
        self.files.clear()
        self.dirs.clear()

    def plant(self, directory: Below) -> None:
        """Have this one instead of everything so far."""
        self.wipe()
        self.planted = directory

    def drop(self, tag: str) -> None:
        """Remove what this owner has so far."""
        self.dropped.add(tag)
        for file in self.files.values():
            file.put.pop(tag, None)
        for directory in self.dirs.values():
            directory.drop(tag)


def gather(changes: Iterable[Change]) -> DirEdit:
    """The edit of the root directory. Paths are absolute and clean."""
    root = DirEdit()
    for change in changes:
        match change:
            case PutEntry(entry):
                _file(root, entry.path).put[entry.tag] = entry.content
            case PutContents(tag, contents):
                _put_all(root, tag, contents)
            case PutTree(path, directory):
                _directory(root, _parts(path)).plant(directory)
            case DeletePath(path, None):
                edit = _file(root, path)
                edit.wiped = True
                edit.put.clear()
            case DeletePath(path, str(tag)):
                edit = _file(root, path)
                edit.dropped.add(tag)
                edit.put.pop(tag, None)
            case DeleteBelow(path, None):
                _directory(root, _parts(path)).wipe()
            case DeleteBelow(path, str(tag)):
                _directory(root, _parts(path)).drop(tag)
    return root


def _put_all(root: DirEdit, tag: str, contents: Mapping[str, Content]) -> None:
    """Neighbours mostly lie in one folder, which is then looked up once."""
    folder, files = None, root.files
    for path, content in contents.items():
        parent, _, name = path.rpartition("/")
        if parent != folder:
            folder, files = parent, _directory(root, _parts(parent or "/")).files
        edit = files.get(name)
        if edit is None:
            edit = files[name] = FileEdit()
        edit.put[tag] = content


def _parts(path: str) -> list[str]:
    return [] if path == "/" else path[1:].split("/")


def _file(root: DirEdit, path: str) -> FileEdit:
    *folders, name = _parts(path)
    files = _directory(root, folders).files
    edit = files.get(name)
    if edit is None:
        edit = files[name] = FileEdit()
    return edit


def _directory(root: DirEdit, parts: list[str]) -> DirEdit:
    for part in parts:
        edit = root.dirs.get(part)
        if edit is None:
            edit = root.dirs[part] = DirEdit()
        root = edit
    return root
