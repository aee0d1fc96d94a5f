"""What the files of a folder looked like when they were put, so that only others need be read the next time.

A file that looks as it did (size, times of change, inode) holds what it did: Git, rsync and borg say so too.
The kernel's clock ticks, so what had changed shortly before it was looked at may change once more and look
the same; such a file is not trusted, and read again.

The looks are kept in the user's cache folder, one file for each folder and place that it was put to. They
speak of a commit, and the server compares with that: where they are wrong about the server, nothing is taken
from them. They may be removed at any time; those of folders that nobody has put for long go by themselves.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LOOK = struct.Struct("<qqqq")
RESTLESS = 2_000_000_000
"""Nanoseconds that a file must have been at rest when it was looked at; some file systems count seconds."""
STALE = 60 * 24 * 3600 * 1_000_000_000
"""Nanoseconds after which looks go that no put has renewed."""
MOST = 256
"""Looks that are kept at most; the newest stay."""
_VERSION = 1
_HEAD = struct.Struct("<8sI")
_LENGTH = struct.Struct("<I")
_NEVER = struct.pack("<q", -1)
_MAGIC = b"calflook"


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks of files, 32 bytes each, by the paths that they have in the commit with this id."""

    commit: str
    paths: bytes
    looks: bytes

    def changed(self, now: Looks) -> list[int]:
        """Which files of `now`, by number, are not as they were."""
        if (now.paths, now.looks) == (self.paths, self.looks):
            return []
        size = LOOK.size
        before = {
            path: self.looks[number * size : (number + 1) * size]
            for number, path in enumerate(self.paths.split(b"\0"))
        }
        return [
            number
            for number, path in enumerate(now.paths.split(b"\0"))
            if before.get(path) != now.looks[number * size : (number + 1) * size]
        ]


def look_at(paths: Sequence[str], names: Sequence[str], now: int) -> Looks:
    """How the files with these names look, for these paths; `now` is the time in nanoseconds. OSError."""
    looks = []
    rest = now - RESTLESS
    for name in names:
        found = os.stat(name)  # noqa: PTH116 - a Path for each of a million names would cost more than this
        changed, written = found.st_ctime_ns, found.st_mtime_ns
        at_rest = changed < rest and written < rest
        looks.append(LOOK.pack(found.st_size, written, changed if at_rest else -1, found.st_ino))
    return Looks("", "\0".join(paths).encode("utf-8", "surrogateescape"), b"".join(looks))


def _trusted(looks: bytes) -> bytes:
    """The looks in a form in which those that are not trusted are equal to none."""
    size = LOOK.size
    if _NEVER not in looks:
        return looks
    return b"".join(
        look if LOOK.unpack(look)[2] >= 0 else bytes(size)
        for look in (looks[start : start + size] for start in range(0, len(looks), size))
    )


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where looks are kept."""
    given = environ.get("XDG_CACHE_HOME")
    base = Path(given) if given else Path(environ.get("HOME") or Path.home(), ".cache")
    return base / "calf" / "looks"


def load(folder: Path, key: Sequence[str]) -> Looks | None:
    """What was kept under a key; None when there is nothing, or nothing that is whole."""
    try:
        data = _file(folder, key).read_bytes()
    except OSError:
        return None
    if len(data) < _HEAD.size:
        return None
    magic, check = _HEAD.unpack_from(data)
    body = data[_HEAD.size :]
    if magic != _MAGIC or zlib.crc32(body) != check:
        return None
    start = _LENGTH.size + _LENGTH.unpack_from(body)[0]
    said = json.loads(body[_LENGTH.size : start])
    if said["version"] != _VERSION or said["key"] != list(key):
        return None
    end = start + said["looks"]
    return Looks(said["commit"], body[end:], body[start:end])


def keep(folder: Path, key: Sequence[str], looks: Looks, now: int) -> None:
    """Keep looks under a key. Where they cannot be written the next time takes longer, and that is all.

    `now` is the time in nanoseconds: when looks of something new come, stale ones go.
    """
    said = {"version": _VERSION, "key": list(key), "commit": looks.commit, "looks": len(looks.looks)}
    head = json.dumps(said).encode()
    body = b"".join((_LENGTH.pack(len(head)), head, _trusted(looks.looks), looks.paths))
    path = _file(folder, key)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_new = not path.exists()
        draft.write_bytes(_HEAD.pack(_MAGIC, zlib.crc32(body)) + body)
        draft.replace(path)
        if is_new:
            _tidy(folder, now - STALE)


def _tidy(folder: Path, oldest: int) -> None:
    """Remove what was written before `oldest`, drafts of a process that died too, and all but the newest."""
    with os.scandir(folder) as found:
        written = sorted(((entry.stat().st_mtime_ns, entry.path) for entry in found), reverse=True)
    for number, (when, name) in enumerate(written):
        if when < oldest or number >= MOST:
            Path(name).unlink(missing_ok=True)


def _file(folder: Path, key: Sequence[str]) -> Path:
    text = "\0".join(key).encode("utf-8", "surrogateescape")
    return folder / f"{zlib.crc32(text):08x}{zlib.adler32(text):08x}"
