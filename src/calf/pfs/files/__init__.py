"""Files in commits: changing, reading, listing, comparing. What they are is in `calf.storage.trees`."""

from calf.pfs.files.diffing import diff_file
from calf.pfs.files.exporting import export
from calf.pfs.files.getting import Folder, Large, Part, Small, get, parts, tar
from calf.pfs.files.modifying import modify
from calf.pfs.files.ops import (
    SMALL,
    AddFile,
    CopyFile,
    DeleteFile,
    FetchFile,
    LayFileset,
    Op,
    PutFiles,
)
from calf.pfs.files.reading import Page, glob_file, inspect_file, list_file, walk_file
from calf.pfs.files.selecting import EVERYWHERE, PathRange
from calf.pfs.files.snapshot import Snapshot, take_snapshot

__all__ = [
    "EVERYWHERE",
    "SMALL",
    "AddFile",
    "CopyFile",
    "DeleteFile",
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
    "diff_file",
    "export",
    "get",
    "glob_file",
    "inspect_file",
    "list_file",
    "modify",
    "parts",
    "take_snapshot",
    "tar",
    "walk_file",
]
