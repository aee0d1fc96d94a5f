"""A layer from a list of files: the same bytes for the same files, whoever writes them and when."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from building.plans import EPOCH


@dataclass(frozen=True, slots=True)
class Entry:
    """A file with the bytes of `source` or with `data`, a link to `link`, or else a folder."""

    mode: int = 0o755
    source: Path | None = None
    data: bytes | None = None
    link: str = ""


def write_layer(entries: Mapping[str, Entry], target: Path) -> None:
    """Write a tar: by name, owned by root, all of one time. Folders above entries come by themselves."""
    every = {parent: Entry() for name in entries for parent in _parents(name)} | dict(entries)
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(every):
            _add(tar, name, every[name])


def _add(tar: tarfile.TarFile, name: str, entry: Entry) -> None:
    info = tarfile.TarInfo(name)
    info.mtime, info.mode = EPOCH, entry.mode
    if entry.link:
        info.type, info.linkname = tarfile.SYMTYPE, entry.link
        tar.addfile(info)
    elif entry.source is None and entry.data is None:
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
    else:
        data = entry.source.read_bytes() if entry.source else entry.data or b""
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))


def _parents(name: str) -> list[str]:
    return [str(parent) for parent in Path(name).parents if str(parent) != "."]
