"""Which files of a commit a request means: a path or a glob, an owner, a range of paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from calf.model.content import Node
from calf.model.glob import compile_glob
from calf.pfs.files.snapshot import Snapshot, owned_by
from calf.storage import trees


@dataclass(frozen=True, slots=True)
class PathRange:
    """The paths from `lower` on to before `upper` (empty: no bound), by byte order."""

    lower: str = ""
    upper: str = ""

    def __contains__(self, path: str) -> bool:
        return self.lower <= path and (not self.upper or path < self.upper)


EVERYWHERE = PathRange()


def matches(snapshot: Snapshot, path: str, tag: str = "") -> list[Node]:
    """All that a path or a glob stands for. Raises `NotFound` when that is nothing."""
    glob = compile_glob(path)
    if glob.prefix == glob.pattern:
        return snapshot.find(glob.pattern, tag)
    found = [node for node in trees.matching(snapshot.get, snapshot.root, glob) if owned_by(node, tag)]
    if not found:
        raise snapshot.not_found(path)
    return found


def select(snapshot: Snapshot, path: str, tag: str = "", between: PathRange = EVERYWHERE) -> Iterator[Node]:
    """What a path or a glob stands for with all that is in it, in path order, each once.

    Raises `NotFound` at once when there is nothing of that name; nothing in the range gives nothing.
    """
    found = matches(snapshot, path, tag)
    return (node for node in _with_insides(snapshot, found, tag) if node.path in between)


def _with_insides(snapshot: Snapshot, found: Iterable[Node], tag: str) -> Iterator[Node]:
    done = ""
    for match in found:
        if done and match.path.startswith(done):
            continue  # it came with its folder
        if not match.is_dir:
            yield match
            continue
        done = match.path
        for node in trees.walk(snapshot.get, snapshot.root, match.path.rstrip("/") or "/"):
            if node.path.startswith(match.path) and owned_by(node, tag):
                yield node
