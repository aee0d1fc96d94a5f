"""What stages print and what the engine says about them: one file per datum, kept with its job.

A file lies at `<root>/<project>/<pipeline>/<job>/<datum>.log`; each line is `<seconds> <U|E> <text>`, U for
the stage's own output and E for ours. What belongs to no datum stands in `job.log`. Logs are not part of any
promise of durability: after a power loss the last lines may be missing, and a torn line is closed before the
next is added.

What runs without end, a spout or a service, has an endless log: it keeps the newest lines, half of its limit
in the file and the half before it in `<datum>.old`.
"""

from __future__ import annotations

import os
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from threading import Condition
from typing import BinaryIO

from calf.kit import rfc3339
from calf.kit.atomic import full_is_no_space
from calf.model.errors import DiskFailed, NoSpace
from calf.model.ports import Cancel
from calf.model.pps_infos import LogLine
from calf.storage.log_back import Rough, merged, opener, told_back
from calf.storage.log_file import LogFile
from calf.storage.log_line import parse_line

DEFAULT_CAP = 10 << 20
"""Bytes that one datum's log may have."""
MAX_LINE = 64 << 10
"""Characters that one line may have; the rest is cut off, and the line says so."""
_OPEN_FILES = 64
_SLACK = 1.0
"""Seconds by which a file system's clock may be behind ours."""
_JOB_LOG = "job"
_SUFFIX, _OLD = ".log", ".old"


class FileLogStore:
    """Implements `ports.LogStore` with files below `root`; safe for several threads.

    `clock` gives seconds since the epoch. A log that reaches `cap` bytes ends in a line that counts what was
    dropped, unless it is endless. Followers go by places that stay as they are when an endless log moves on:
    bytes from the begin of the file that was there when this process started.
    """

    def __init__(self, root: Path, clock: Callable[[], float], cap: int = DEFAULT_CAP) -> None:
        self._root = root
        self._clock = clock
        self._cap = cap
        self._changed = Condition()
        self._open: OrderedDict[Path, LogFile] = OrderedDict()
        self._followers: list[_Follower] = []
        self._lost: dict[Path, int] = {}
        self._begins: dict[Path, int] = {}  # the places at which the files of endless logs begin now

    def append(
        self, job: tuple[str, str, str], datum: str, line: str, user: bool, *, endless: bool = False
    ) -> None:
        """Add a line to the log of `(project, pipeline, job id)` and datum (`""`: of no datum).

        While the disk is full or fails lines are dropped: a stage must not fail by what it prints. The first
        line that fits again says how many.
        """
        path = self._folder(*job) / f"{datum or _JOB_LOG}{_SUFFIX}"
        text = line.replace("\n", " ").replace("\r", " ")
        if len(text) > MAX_LINE:
            text = f"{text[:MAX_LINE]} [{len(text) - MAX_LINE} more characters]"
        with self._changed:
            try:
                with full_is_no_space(self._root):
                    self._write(path, f"{'U' if user else 'E'} {text}\n", endless)
            except (NoSpace, DiskFailed):
                self._lost[path] = self._lost.get(path, 0) + 1
                return
            for follower in self._followers:
                if path.is_relative_to(follower.below):
                    follower.dirty.add(path)
            self._changed.notify_all()

    def read(self, job: tuple[str, str, str], datum: str | None = None) -> Iterator[LogLine]:
        """The lines of a job, each datum's together, by the time of the first; or those of one datum."""
        for path in self._paths(self._folder(*job), datum):
            yield from self._lines(path, {})

    def read_back(
        self,
        job: tuple[str, str, str],
        datum: str | None = None,
        newest: float = inf,
        rough: Rough | None = None,
    ) -> Iterator[LogLine]:
        """The same lines up to a time, the newest of all datums first; only what is taken is read.

        With `rough` those that it lets through, and blocks of lines that it does not are not looked into.
        """
        found = list(self._files(self._folder(*job), datum))
        parts = [
            (bound, told_back(opener(paths, inode), size, newest, rough))
            for bound, paths, inode, size in found
        ]
        for number, (_, at, user, text) in merged(parts):
            yield LogLine(*job, _datum(found[number][1][0]), at, user, text)

    def follow(
        self, job: tuple[str, str, str | None], datum: str | None, cancel: Cancel
    ) -> Iterator[LogLine]:
        """What there is and then what comes, of a job or (job id None) of all jobs of a pipeline.

        Ends after `cancel`, once all that was written before it has been given.
        """
        project, pipeline, job_id = job
        below = self._folder(project, pipeline, job_id) if job_id else self._root / project / pipeline
        follower = _Follower(below)
        with self._changed:
            self._followers.append(follower)
        forget = cancel.on_cancel(self._wake)
        try:
            yield from self._tail(follower, datum, cancel)
        finally:
            forget()
            with self._changed:
                self._followers.remove(follower)

    def delete(self, project: str, pipeline: str, job_id: str | None = None) -> None:
        """Remove the logs of a job, or of a whole pipeline."""
        folder = self._folder(project, pipeline, job_id) if job_id else self._root / project / pipeline
        with self._changed:
            for path in [path for path in self._open if path.is_relative_to(folder)]:
                self._open.pop(path).close()
            for table in (self._lost, self._begins):
                for path in [path for path in table if path.is_relative_to(folder)]:
                    del table[path]
            shutil.rmtree(folder, ignore_errors=True)

    def jobs(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        """Every `(project, pipeline, job id)` that has logs, with their size in bytes."""
        for folder in sorted(self._root.glob("*/*/*/")):
            project, pipeline, job = folder.relative_to(self._root).parts
            size = 0
            with suppress(FileNotFoundError):  # it may be deleted meanwhile
                for path in folder.iterdir():
                    size += path.stat().st_size
            yield (project, pipeline, job), size

    def close(self) -> None:
        """Close all files; a later append opens its own again."""
        with self._changed:
            while self._open:
                self._open.popitem()[1].close()

    def _tail(self, follower: _Follower, datum: str | None, cancel: Cancel) -> Iterator[LogLine]:
        places: dict[Path, int] = {}
        for path in self._paths(follower.below, datum):
            yield from self._lines(path, places)
        while True:
            with self._changed:
                while not follower.dirty and not cancel.cancelled:
                    self._changed.wait()
                dirty, follower.dirty = sorted(follower.dirty), set()
            if not dirty:
                return
            for path in dirty:
                if datum is None or path.stem == (datum or _JOB_LOG):
                    yield from self._lines(path, places)

    def _folder(self, project: str, pipeline: str, job_id: str) -> Path:
        return self._root / project / pipeline / job_id

    def _paths(self, below: Path, datum: str | None) -> list[Path]:
        """The logs, by the time of their first line."""
        if datum and not datum.isalnum():  # a pattern, or a way out of the folder
            return []
        wanted = None if datum is None else f"{datum or _JOB_LOG}{_SUFFIX}"
        walk = os.walk(below)  # passes by what goes meanwhile
        names = ((folder, name) for folder, _, files in walk for name in files if name.endswith(_SUFFIX))
        paths = [Path(folder, name) for folder, name in names if wanted in (None, name)]
        return sorted(paths, key=lambda path: (_first_time(path), path))

    def _files(self, folder: Path, datum: str | None) -> Iterator[tuple[float, tuple[Path, ...], int, int]]:
        """The files of a job's logs: a time that none of their lines is after, where they lie or move to,
        inode, size.
        """
        wanted = None if datum is None else datum or _JOB_LOG
        seen: set[int] = set()  # one that moves may be met twice
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                name, dot, kind = entry.name.rpartition(".")
                if dot + kind in (_SUFFIX, _OLD) and wanted in (None, name) and entry.inode() not in seen:
                    seen.add(entry.inode())
                    with suppress(FileNotFoundError):
                        told = entry.stat()
                        paths = (folder / f"{name}{_SUFFIX}", folder / f"{name}{_OLD}")
                        yield told.st_mtime + _SLACK, paths, told.st_ino, told.st_size

    def _lines(self, path: Path, places: dict[Path, int]) -> Iterator[LogLine]:
        """The lines of a log from its place in `places` on, which moves along."""
        project, pipeline, job, _ = path.relative_to(self._root).parts
        datum = _datum(path)
        with ExitStack() as opened:
            for begin, file in self._parts(path, opened):
                end = begin + os.fstat(file.fileno()).st_size
                place = min(max(begin, places.get(path, begin)), end)
                file.seek(place - begin)
                for raw in file:
                    if not raw.endswith(b"\n"):
                        return
                    places[path] = place = place + len(raw)
                    at, user, text = parse_line(raw)
                    yield LogLine(project, pipeline, job, datum, at, user, text)

    def _parts(self, path: Path, opened: ExitStack) -> list[tuple[int, BinaryIO]]:
        """The files of a log as they are now, older first, each with the place of its begin."""
        with self._changed:
            begin = self._begins.get(path, 0)
            found: list[tuple[int, BinaryIO]] = []
            for part in (path.with_suffix(_OLD), path):
                with suppress(FileNotFoundError):
                    file = opened.enter_context(part.open("rb"))
                    size = os.fstat(file.fileno()).st_size
                    found.append((begin if part == path else begin - size, file))
            return found

    def _write(self, path: Path, line: str, endless: bool) -> None:
        at = f"{self._clock():.6f}"
        data = f"{at} {line}".encode(errors="replace")
        if lost := self._lost.get(path, 0):
            data = f"{at} E the disk was full: {lost} lines were not kept\n".encode() + data
        file = self._file(path)
        if endless and file.size and file.size + len(data) > self._cap // 2:
            file = self._move_on(path, at)
        file.write(at, data)
        self._lost.pop(path, None)

    def _move_on(self, path: Path, at: str) -> LogFile:
        """Begin the file of an endless log anew; what it held is kept, and what was kept so far goes."""
        full, old = self._open.pop(path), path.with_suffix(_OLD)
        full.close()
        older = old.exists()
        path.replace(old)
        self._begins[path] = self._begins.get(path, 0) + full.size
        file = self._file(path)
        if older:
            since = rfc3339.format(_first_time(old))
            file.write(
                at, f"{at} E this log keeps its newest lines: there are none from before {since}\n".encode()
            )
        return file

    def _file(self, path: Path) -> LogFile:
        file = self._open.pop(path, None) or LogFile(path, self._cap)
        self._open[path] = file
        if len(self._open) > _OPEN_FILES:
            self._open.popitem(last=False)[1].close()
        return file

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


@dataclass(slots=True, eq=False)  # two that follow the same are two
class _Follower:
    below: Path
    dirty: set[Path] = field(default_factory=set)


def _datum(log: Path) -> str:
    return "" if log.stem == _JOB_LOG else log.stem


def _first_time(path: Path) -> float:
    try:
        with path.open("rb") as file:
            return parse_line(file.readline() or b"\n")[0]
    except FileNotFoundError:  # deleted meanwhile
        return 0.0
