"""The file or folder of another commit that has the name of one: a sample on its way through the stages."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from calf.client.connection import Client
from calf.model.errors import CalfError, Category
from calf.web.lineage.spots import Spot
from calf.wire.messages import pfs

_FOLDERS = 12
_GONE = (Category.NOT_FOUND, Category.INVALID, Category.PRECONDITION, Category.STATE, Category.UNFINISHED)
_PLAIN = re.compile(r"\w[\w .-]{0,200}")


@lru_cache(maxsize=8192)
def namesake(client: Client, spot: Spot, name: str) -> str:
    """Where a finished commit has `name`, with any ending, at the top or in a folder there; else empty."""
    if not _PLAIN.fullmatch(name):
        return ""
    for folder in ("/", *_folders(client, spot)):
        if found := _first(client, spot, f"{folder}{name}{{,.*}}"):
            return found
    return ""


def names_in(path: str) -> list[str]:
    """Names that tell what a path is about, the last one first; a folder at the top tells nothing."""
    parts = [part for part in path.split("/") if part][1:]
    return [part.partition(".")[0] for part in reversed(parts)][:2]


def is_called(path: str, name: str) -> bool:
    """Whether a file or a folder of a path has a name, with any ending."""
    return any(part.partition(".")[0] == name for part in path.split("/"))


@lru_cache(maxsize=1024)
def _folders(client: Client, spot: Spot) -> tuple[str, ...]:
    request = pfs.ListFileRequest(file=spot.file("/"), number=_FOLDERS)
    try:
        paths = [info.file.path for info in islice(client.pfs.ListFile(request), _FOLDERS)]
    except CalfError as error:
        if error.category in _GONE:
            return ()
        raise
    return tuple(path for path in paths if path.endswith("/") and _PLAIN.fullmatch(path.strip("/")))


def _first(client: Client, spot: Spot, pattern: str) -> str:
    request = pfs.GlobFileRequest(commit=spot.message, pattern=pattern)
    try:
        return next((str(info.file.path) for info in client.pfs.GlobFile(request)), "")
    except CalfError as error:
        if error.category in _GONE:
            return ""
        raise
