"""Walks `/pfs/out` and stores what it finds."""

from __future__ import annotations

import errno
import os
import stat
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from calf.kit.errors import InvalidArgument
from calf.kit.paths import check_put_path
from calf.kit.sizes import format as format_size
from calf.model.content import Content, Entry
from calf.model.ports import Storing
from calf.runner.capture.errors import BadOutput
from calf.runner.capture.places import Places
from calf.runner.open_below import open_entry

__all__ = ["BadOutput", "Limits", "capture"]

_OUT = ("pfs", "out")
_PIECE = 1024 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_CHANGED = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one datum may put out. A sparse file counts as large as it says it is."""

    files: int = 1_000_000
    size: int = 64 << 30
    depth: int = 100


def capture(
    places: Places, inputs: Mapping[str, Content], writer: Storing, tag: str, limits: Limits
) -> tuple[Entry, ...]:
    """Every file below `/pfs/out` as an entry of the output, in path order.

    Links to inputs become their contents by reference. Raises `BadOutput`, and `NoSpace` when the disk is
    full. The caller makes durable what was stored.
    """
    walk = _Walk(places, inputs, sorted(inputs), writer, limits)
    try:
        found = sorted(walk.folder(_OUT, "", ()), key=lambda pair: pair[0])
    except OSError as error:
        if error.errno not in _CHANGED:
            raise
        raise BadOutput(f"/pfs/out changed while it was read: {error.strerror}") from error
    return tuple(Entry(path, tag, content) for path, content in found)


@dataclass(slots=True)
class _Walk:
    places: Places
    inputs: Mapping[str, Content]
    names: list[str]
    writer: Storing
    limits: Limits
    files: int = 0
    folders: int = 0
    size: int = 0

    def folder(
        self, place: tuple[str, ...], at: str, above: tuple[tuple[int, int], ...]
    ) -> Iterator[tuple[str, Content]]:
        """What lies in the folder at `place`, which is free of links, to be kept below `at`."""
        self.folders += 1
        if self.folders > self.limits.files:
            raise BadOutput(f"more than {self.limits.files} folders in /pfs/out, links to folders counted")
        if len(above) > self.limits.depth:
            raise BadOutput(f"/pfs/out{at} is more than {self.limits.depth} folders deep")
        handle = self.places.open(place, _FOLDER)
        try:
            found = os.fstat(handle)
            me = (found.st_dev, found.st_ino)
            if me in above:
                raise BadOutput(f"/pfs/out{at} is a link to a folder that it lies in")
            with os.scandir(handle) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
            for entry in listed:
                yield from self.entry(handle, entry, (*place, entry.name), f"{at}/{entry.name}", (*above, me))
        finally:
            os.close(handle)

    def entry(
        self,
        folder: int,
        entry: os.DirEntry[str],
        place: tuple[str, ...],
        at: str,
        above: tuple[tuple[int, int], ...],
    ) -> Iterator[tuple[str, Content]]:
        """What one name in a folder stands for."""
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            yield from self.folder(place, at, above)
        elif stat.S_ISLNK(mode):
            yield from self.link(place, os.readlink(entry.name, dir_fd=folder), at, above)
        elif stat.S_ISREG(mode):
            yield self.checked(at), self.file(open_entry(entry.name, folder, os.O_RDONLY), at)
        else:
            kind = _KINDS.get(stat.S_IFMT(mode), "not a file")
            raise BadOutput(f"/pfs/out{at} is {kind}; only files, folders and links can be kept")

    def link(
        self, place: tuple[str, ...], target: str, at: str, above: tuple[tuple[int, int], ...]
    ) -> Iterator[tuple[str, Content]]:
        """What a link stands for: inputs by reference, what the stage made by its contents."""
        known = target.removeprefix("/pfs") if target.startswith("/pfs/") else ""
        if known in self.inputs:
            yield self.checked(at), self.inputs[known]
            return
        end = self.places.resolve(place, target)
        if end[0] == "pfs" and end[1:2] not in {("out",), (".env",)}:
            yield from self.reference(end, target, at)
            return
        handle = self.places.open(end, os.O_PATH)
        mode = os.fstat(handle).st_mode
        os.close(handle)
        if stat.S_ISDIR(mode):
            yield from self.folder(end, at, above)
        elif stat.S_ISREG(mode):
            yield self.checked(at), self.file(self.places.open(end, os.O_RDONLY), at)
        else:
            raise BadOutput(f"link /pfs/out{at} leads to {target}, which is not a file")

    def reference(self, end: tuple[str, ...], target: str, at: str) -> Iterator[tuple[str, Content]]:
        """The input file, or all input files below the folder, that a link leads to."""
        if len(end) == 1:
            raise BadOutput(f"link /pfs/out{at} leads to {target}, the whole datum")
        key = "/" + "/".join(end[1:])
        if key in self.inputs:
            yield self.checked(at), self.inputs[key]
            return
        below = key + "/"
        for name in self.names[bisect_left(self.names, below) :]:
            if not name.startswith(below):
                break
            yield self.checked(at + name[len(key) :]), self.inputs[name]

    def checked(self, at: str) -> str:
        """The path, if it may be kept, counted."""
        self.files += 1
        if self.files > self.limits.files:
            raise BadOutput(f"more than {self.limits.files} files in /pfs/out")
        try:
            return check_put_path(at)
        except InvalidArgument as error:
            raise BadOutput(
                "cannot upload file produced by the user code because its name cannot be represented in PFS: "
                f"{error.message}"
            ) from error

    def file(self, handle: int, at: str) -> Content:
        """Store the contents behind `handle`, and close it."""
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise BadOutput(f"/pfs/out{at} changed into something else while it was read")
            self._check_size(os.fstat(handle).st_size)
            return self.writer.stream(self._pieces(handle))
        finally:
            os.close(handle)

    def _pieces(self, handle: int) -> Iterator[bytes]:
        while piece := os.read(handle, _PIECE):
            self._check_size(len(piece))
            self.size += len(piece)
            yield piece

    def _check_size(self, more: int) -> None:
        if self.size + more > self.limits.size:
            raise BadOutput(f"more than {format_size(self.limits.size)} in /pfs/out")
