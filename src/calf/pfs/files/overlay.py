"""A tree with operations on top: what each path holds before the next operation, and the changes so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from calf.model.content import Content
from calf.storage import trees
from calf.storage.trees import Change, DeleteBelow, DeletePath, PutContents

Get = Callable[[bytes], bytes]


class Overlay:
    """Turns operations, in order, into changes of the tree `root`, which they leave as it is."""

    def __init__(self, get: Get, root: bytes | None) -> None:
        self._find = trees.finder(get, root)
        self._now: dict[tuple[str, str], Content | None] = {}
        self._cleared: list[tuple[str, str]] = []

    def changes(self) -> Iterator[Change]:
        """What the operations come to: first what was cleared, then files as they were left after that."""
        for path, tag in self._cleared:
            yield DeleteBelow(path, tag)
        put: dict[str, dict[str, Content]] = {}
        for (path, tag), content in self._now.items():
            if content is None:
                yield DeletePath(path, tag)
            else:
                put.setdefault(tag, {})[path] = content
        for tag, contents in put.items():
            yield PutContents(tag, contents)

    def content(self, path: str, tag: str) -> Content | None:
        """What this owner has at this path."""
        if (path, tag) in self._now:
            return self._now[path, tag]
        if any(tag == owner and path.startswith(_prefix(folder)) for folder, owner in self._cleared):
            return None
        for node in self._find(path):
            if node.entry and node.entry.tag == tag:
                return node.entry.content
        return None

    def put(self, path: str, tag: str, content: Content) -> None:
        """Have this owner's content at this path."""
        self._now[path, tag] = content

    def put_all(self, tag: str, contents: Mapping[str, Content]) -> None:
        """Have this owner's contents at these paths."""
        self._now.update(((path, tag), content) for path, content in contents.items())

    def delete(self, path: str, tag: str) -> None:
        """Remove what this owner has at this path."""
        self._now[path, tag] = None

    def delete_below(self, path: str, tag: str) -> None:
        """Remove what this owner has below this folder."""
        inside = _prefix(path)
        for key in [key for key in self._now if key[1] == tag and key[0].startswith(inside)]:
            del self._now[key]
        self._cleared.append((path, tag))


def _prefix(folder: str) -> str:
    return folder if folder == "/" else folder + "/"
