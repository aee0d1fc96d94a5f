"""Archives: what is in them, by name and size; nothing is unpacked."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Any, BinaryIO

from calf.views.differences.pair import BROKEN, Unreadable
from calf.web.files.kinds import suffix_of
from calf.web.files.previews.subject import Subject, visible

_SHOWN = 500
_MOST = 16 * 1024 * 1024
_UNPACKED = 128 * 1024 * 1024
_ZIP_TAIL = 4 * 1024 * 1024


def show_archive(subject: Subject) -> Mapping[str, Any]:
    """The first members of a zip or tar archive, compressed by gzip or not."""
    is_zip = subject.head[:4] in (b"PK\x03\x04", b"PK\x05\x06")
    try:
        members, complete = _zip(subject) if is_zip else _tar(subject)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, *BROKEN) as error:
        raise Unreadable(f"it is no archive: {error}") from None
    return {"kind": "archive", "members": members, "complete": complete}


def _zip(subject: Subject) -> tuple[list[Mapping[str, Any]], bool]:
    with subject.remote.open(_ZIP_TAIL) as file, zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        return [_member(info.filename, info.file_size, folder=info.is_dir()) for info in infos[:_SHOWN]], len(
            infos
        ) <= _SHOWN


def _tar(subject: Subject) -> tuple[list[Mapping[str, Any]], bool]:
    members: list[Mapping[str, Any]] = []
    packed = subject.head[:2] == b"\x1f\x8b"
    if suffix_of(subject.path) not in ("tar", "tgz") and not packed:
        raise Unreadable("it is no archive")
    with subject.remote.open(_MOST) as file:
        source: Any = _Bounded(gzip.GzipFile(fileobj=file)) if packed else file
        try:
            for info in _infos(source, "r|" if packed else "r:"):
                if len(members) == _SHOWN:
                    return members, False
                members.append(_member(info.name, info.size, folder=info.isdir()))
        except Unreadable:
            return members, False
    return members, True


def _infos(source: IO[bytes], mode: str) -> Iterator[tarfile.TarInfo]:
    with tarfile.open(fileobj=source, mode=mode) as archive:  # type: ignore[call-overload]  # one of two modes
        while (info := archive.next()) is not None:
            yield info
            archive.members = []


def _member(name: str, size: int, *, folder: bool) -> Mapping[str, Any]:
    return {"name": visible(name[:500]), "size": size, "folder": folder}


class _Bounded:
    """A stream that ends by `Unreadable` when it turns out to be far larger than it looked."""

    def __init__(self, file: BinaryIO | gzip.GzipFile) -> None:
        self._file, self._left = file, _UNPACKED

    def read(self, size: int) -> bytes:
        self._left -= size
        if self._left < 0:
            raise Unreadable("there is a great deal in it")
        return self._file.read(size)
