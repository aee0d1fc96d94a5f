"""What lies in a folder of a commit, or matches a pattern: a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import dropwhile, islice
from posixpath import basename, dirname
from typing import Any

from calf.views.words import printable
from calf.web.files.kinds import kind_of
from calf.web.files.places import file_in
from calf.web.pages import Ask
from calf.wire.messages import Message, pfs

ROWS = 100
_PASSED = 200_000
_REACH = 20
"""So many folders may stand between a file and the next one."""

Rows = tuple[list[Mapping[str, Any]], str]
"""Files and folders, and the path of the last one when more follow."""


def list_folder(ask: Ask, commit: Message, path: str, after: str, rows: int = ROWS) -> Rows:
    """What lies in the folder `path`, behind the path `after`."""
    request = pfs.ListFileRequest(file=file_in(commit, path), number=rows + 1)
    if after:
        request.paginationMarker.CopyFrom(file_in(commit, after))
    found = ask.client.pfs.ListFile(request)
    try:
        return _page(list(islice(found, rows + 1)), rows)  # an old server knows no `number`
    finally:
        found.close()


def beside(ask: Ask, commit: Message, path: str) -> dict[str, str]:
    """The files before and after a file of a folder, by `previous` and `next`; empty for none near."""
    found = {}
    for name, reverse in (("previous", True), ("next", False)):
        folder, marker = file_in(commit, dirname(path)), file_in(commit, path)
        request = pfs.ListFileRequest(file=folder, paginationMarker=marker, number=_REACH, reverse=reverse)
        infos = (info for info in ask.client.pfs.ListFile(request) if info.file_type == pfs.FILE)
        found[name] = next((info.file.path for info in infos), "")
    return found


def list_matching(ask: Ask, commit: Message, pattern: str, after: str, rows: int = ROWS) -> Rows:
    """What matches the glob `pattern`, behind the path `after`."""
    request = pfs.GlobFileRequest(commit=commit, pattern=pattern, path_range=pfs.PathRange(lower=after))
    found = ask.client.pfs.GlobFile(request)
    try:
        bounded = islice(found, _PASSED)
        if after:  # the order is the server's, and not each takes a range
            bounded = islice(dropwhile(lambda info: info.file.path != after, bounded), 1, None)
        return _page(list(islice(bounded, rows + 1)), rows)
    finally:
        found.close()


def _page(infos: list[Message], rows: int) -> Rows:
    return [file_data(info) for info in infos[:rows]], infos[rows - 1].file.path if len(infos) > rows else ""


def file_data(info: Message) -> Mapping[str, Any]:
    """What a list says of a file or a folder."""
    path = info.file.path
    folder = info.file_type == pfs.DIR
    return {
        "path": path.rstrip("/") or "/",
        "shown": printable(path),
        "name": printable(basename(path.rstrip("/"))) or "/",
        "folder": folder,
        "kind": "folder" if folder else kind_of(path),
        "size": info.size_bytes,
        "hash": info.hash.hex(),
    }
