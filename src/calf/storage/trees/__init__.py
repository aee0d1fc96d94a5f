"""Trees of files, as objects: what a commit holds.

A tree is a Merkle tree of directories; a large directory is itself a tree of pages, cut by content. Roots
are object ids, and None is the empty tree. See docs/design/storage.md.
"""

from calf.storage.trees.apply import apply
from calf.storage.trees.conflicts import conflict, sized
from calf.storage.trees.diff import diff
from calf.storage.trees.hurt import hurt
from calf.storage.trees.matching import matching
from calf.storage.trees.planting import Planted, plant, planted
from calf.storage.trees.reachable import reachable
from calf.storage.trees.read import children, entries, find, finder, summary, walk
from calf.storage.trees.values import (
    Change,
    Collision,
    Conflict,
    DeleteBelow,
    DeletePath,
    Duplicate,
    PutContents,
    PutEntry,
    PutTree,
)

__all__ = [
    "Change",
    "Collision",
    "Conflict",
    "DeleteBelow",
    "DeletePath",
    "Duplicate",
    "Planted",
    "PutContents",
    "PutEntry",
    "PutTree",
    "apply",
    "children",
    "conflict",
    "diff",
    "entries",
    "find",
    "finder",
    "hurt",
    "matching",
    "plant",
    "planted",
    "reachable",
    "sized",
    "summary",
    "walk",
]
