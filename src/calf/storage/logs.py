"""What stages print and what the engine says about them: one file per datum, kept with its job.

A file lies at `<root>/<project>/<pipeline>/<job>/<datum>.log`; each line is `<seconds> <U|E> <text>`, U for
the stage's own output and E for ours. What belongs to no datum stands in `job.log`. Logs are not part of any
promise of durability: after a power loss the last lines may be missing, and a torn line is closed before the
next is added.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition
from typing import BinaryIO

from calf.kit.atomic import full_is_no_space
from calf.model.errors import NoSpace
from calf.model.ports import Cancel
from calf.model.pps_infos import LogLine

DEFAULT_CAP = 10 << 20
"""Bytes that one datum's log may have."""
MAX_LINE = 64 << 10
"""Characters that one line may have; the rest is cut off, and the line says so."""
_OPEN_FILES = 64
_COUNT_DIGITS = 12
_JOB_LOG = "job"
_LINE = re.compile(rb"(\d+\.\d+) ([UE]) (.*)\n")
_NOTE = re.compile(rb"\S+ E the log is full: (\d{12}) later lines were not kept\n")
_NOTE_ROOM = 128


class FileLogStore:
    """Implements `ports.LogStore` with files below `root`; safe for several threads.

    `clock` gives seconds since the epoch. A log that reaches `cap` bytes ends in a line that counts what was
    dropped.
    """

    def __init__(self, root: Path, clock: Callable[[], float], cap: int = DEFAULT_CAP) -> None:
        self._root = root
        self._clock = clock
        self._cap = cap
        self._changed = Condition()
        self._open: OrderedDict[Path, _LogFile] = OrderedDict()
        self._followers: list[_Follower] = []
        self._lost: dict[Path, int] = {}

    def append(self, job: tuple[str, str, str], datum: str, line: str, user: bool) -> None:
        """Add a line to the log of `(project, pipeline, job id)` and datum (`""`: of no datum).

        While the disk is full lines are dropped: a stage must not fail by what it prints. The first line that
        fits again says how many.
        """
        path = self._folder(*job) / f"{datum or _JOB_LOG}.log"
        text = line.replace("\n", " ").replace("\r", " ")
        if len(text) > MAX_LINE:
            text = f"{text[:MAX_LINE]} [{len(text) - MAX_LINE} more characters]"
        with self._changed:
            try:
                with full_is_no_space(self._root):
                    self._write(path, f"{'U' if user else 'E'} {text}\n")
            except NoSpace:
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
            for path in [path for path in self._lost if path.is_relative_to(folder)]:
                del self._lost[path]
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Close all files; a later append opens its own again."""
        with self._changed:
            while self._open:
                self._open.popitem()[1].close()

    def _tail(self, follower: _Follower, datum: str | None, cancel: Cancel) -> Iterator[LogLine]:
        offsets: dict[Path, int] = {}
        for path in self._paths(follower.below, datum):
            yield from self._lines(path, offsets)
        while True:
            with self._changed:
                while not follower.dirty and not cancel.cancelled:
                    self._changed.wait()
                dirty, follower.dirty = sorted(follower.dirty), set()
            if not dirty:
                return
            for path in dirty:
                if datum is None or path.stem == (datum or _JOB_LOG):
                    yield from self._lines(path, offsets)

    def _folder(self, project: str, pipeline: str, job_id: str) -> Path:
        return self._root / project / pipeline / job_id

    def _paths(self, below: Path, datum: str | None) -> list[Path]:
        if datum and not datum.isalnum():  # a pattern, or a way out of the folder
            return []
        wanted = None if datum is None else f"{datum or _JOB_LOG}.log"
        names = ((folder, name) for folder, _, files in os.walk(below) for name in files)  # past what goes
        paths = [Path(folder, name) for folder, name in names if wanted in (None, name)]
        return sorted(paths, key=lambda path: (_first_time(path), path))

    def _lines(self, path: Path, offsets: dict[Path, int]) -> Iterator[LogLine]:
        project, pipeline, job, name = path.relative_to(self._root).parts
        datum = name.removesuffix(".log")
        datum = "" if datum == _JOB_LOG else datum
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            file.seek(offsets.get(path, 0))
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                offsets[path] = offsets.get(path, 0) + len(raw)
                at, user, text = _parse(raw)
                yield LogLine(project, pipeline, job, datum, at, user, text)

    def _write(self, path: Path, line: str) -> None:
        at = f"{self._clock():.6f}"
        data = f"{at} {line}".encode(errors="replace")
        if lost := self._lost.get(path, 0):
            data = f"{at} E the disk was full: {lost} lines were not kept\n".encode() + data
        self._file(path).write(at, data)
        self._lost.pop(path, None)

    def _file(self, path: Path) -> _LogFile:
        file = self._open.pop(path, None) or _LogFile(path, self._cap)
        self._open[path] = file
        if len(self._open) > _OPEN_FILES:
            self._open.popitem(last=False)[1].close()
        return file

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


@dataclass(slots=True)
class _Follower:
    below: Path
    dirty: set[Path] = field(default_factory=set)


class _LogFile:
    """One open log: knows its size, and how many lines were dropped once it is full."""

    def __init__(self, path: Path, cap: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("r+b" if path.exists() else "w+b", buffering=0)
        self._cap = cap
        self._size = self._file.seek(0, os.SEEK_END)
        self._dropped = 0
        self._note_at: int | None = None
        self._recover()

    def write(self, at: str, data: bytes) -> None:
        if self._note_at is None and self._size + len(data) <= self._cap:
            self._append(data)
            return
        if self._note_at is None:
            self._note_at = self._size
        self._dropped += 1
        count = f"{self._dropped:0{_COUNT_DIGITS}d}"
        note = f"{at} E the log is full: {count} later lines were not kept\n"
        os.pwrite(self._file.fileno(), note.encode(), self._note_at)

    def close(self) -> None:
        self._file.close()

    def _append(self, data: bytes) -> None:
        """All of a line, or nothing of it when the disk is full."""
        done = 0
        try:
            while done < len(data):
                done += self._file.write(data[done:]) or 0
        except OSError:
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise
        self._size += len(data)

    def _recover(self) -> None:
        self._file.seek(max(0, self._size - _NOTE_ROOM))
        last = self._file.read().splitlines(keepends=True)[-1:]
        self._file.seek(0, os.SEEK_END)
        if last and not last[0].endswith(b"\n"):
            self._size += self._file.write(b"\n") or 0
        elif last and (found := _NOTE.fullmatch(last[0])):
            self._dropped = int(found[1])
            self._note_at = self._size - len(last[0])


def _parse(raw: bytes) -> tuple[float, bool, str]:
    found = _LINE.fullmatch(raw)
    if found is None:  # torn by a crash: what is left of it, without time
        return 0.0, False, raw[:-1].decode(errors="replace")
    return float(found[1]), found[2] == b"U", found[3].decode(errors="replace")


def _first_time(path: Path) -> float:
    try:
        with path.open("rb") as file:
            return _parse(file.readline() or b"\n")[0]
    except FileNotFoundError:  # deleted meanwhile
        return 0.0
