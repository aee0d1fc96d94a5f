"""Files in commits: changing, reading, listing, comparing. What they are is in `calf.storage.trees`."""

from calf.pfs.files.diffing import diff_file
from calf.pfs.files.exporting import export
from calf.pfs.files.getting import Folder, Large, Part, Small, get, parts, tar
from calf.pfs.files.modifying import Done, modify, modify_and_tell
from calf.pfs.files.ops import (
    SMALL,
    AddFile,
    CopyFile,
    DeleteFile,
    FetchFile,
    LayFileset,
    Op,
    PutFiles,
    Unchanged,
)
from calf.pfs.files.reading import Page, glob_file, inspect_file, list_file, walk_file
from calf.pfs.files.selecting import EVERYWHERE, PathRange
from calf.pfs.files.snapshot import Snapshot, held_snapshot, take_snapshot

__all__ = [
    "EVERYWHERE",
    "SMALL",
    "AddFile",
    "CopyFile",
    "DeleteFile",
    "Done",
    "FetchFile",
    "Folder",
    "Large",
    "LayFileset",
    "Op",
    "Page",
    "Part",
    "PathRange",
    "PutFiles",
    "Small",
    "Snapshot",
    "Unchanged",
    "diff_file",
    "export",
    "get",
    "glob_file",
    "held_snapshot",
    "inspect_file",
    "list_file",
    "modify",
    "modify_and_tell",
    "parts",
    "take_snapshot",
    "tar",
    "walk_file",
]
