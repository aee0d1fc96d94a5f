"""Feeds the named pipes of lazy inputs: a file is fetched when the stage opens it, and not before.

Each pipe is held open for writing, so that opening it does not wait, and the kernel tells when somebody
does (`opened`). A pipe that has a reader is replaced by a fresh one under its name before it gets its first
byte, so that whoever opens it next gets the whole content too. Two that open it at the same moment share one
content between them, as with any pipe.

Where there are more pipes than descriptors, or no news from the kernel, the others are tried for readers
again and again, less often while nothing happens.
"""

from __future__ import annotations

import os
import resource
import select
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from calf.kit.atomic import full_is_no_space
from calf.kit.errors import CalfError
from calf.kit.paths import safe_join
from calf.model.content import Content
from calf.model.ports import InputFile
from calf.runner.layout import PIPE_MODE
from calf.runner.opened import Opened
from calf.runner.output import Wake
from calf.runner.swapping import swap
from calf.storage.store import Store

_SHORTEST, _LONGEST = 0.002, 0.05
_AT_ONCE = 64
"""Readers whose next pieces stay in memory; when there are more, each is fetched when it is wanted."""
_FLAGS = os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_NOTHING = memoryview(b"")


@contextmanager
def feeding(pfs: Path, spare: Path, store: Store, inputs: Iterable[InputFile]) -> Iterator[Callable[[], int]]:
    """Feed the lazy ones of `inputs`, laid out below `pfs`, during the block; gives what counts the bytes.

    `spare` is a private folder on the same file system. Raises at the end of the block: `IntegrityError` when
    a file could not be read from the store, `NoSpace` when there was no room for another pipe.
    """
    lazy = [file for file in inputs if file.form == "lazy"]
    if not lazy:
        yield lambda: 0
        return
    feeder = Feeder(pfs, spare, store, lazy)
    feeder.start()
    try:
        yield lambda: feeder.fetched
    finally:
        feeder.stop()
    if feeder.error is not None:
        raise feeder.error


@dataclass(slots=True)
class _Feed:
    """What a reader has still to get: `content` from `offset` on."""

    content: Content
    offset: int = 0
    pieces: Iterator[memoryview] | None = None
    rest: memoryview = field(default=_NOTHING)


class Feeder:
    """One datum's lazy files; `fetched` counts the bytes that were read for it."""

    def __init__(self, pfs: Path, spare: Path, store: Store, files: list[InputFile]) -> None:
        self._store = store
        self._contents = {safe_join(pfs, file.path): file.content for file in files}
        self._fresh = spare / "pipe"
        self._held: dict[Path, int] = {}  # pipes without a reader, open for writing
        self._others = set(self._contents)  # pipes that are not, for want of descriptors or watches
        self._feeds: dict[int, _Feed] = {}
        self._room = _room()
        self._opened = Opened()
        self._wake = Wake()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="calf-lazy-files", daemon=True)
        self.fetched = 0
        self.error: CalfError | None = None

    def start(self) -> None:
        """Begin; what is opened from now on is fed."""
        watched = {
            folder for folder in {path.parent for path in self._contents} if self._opened.watch(folder)
        }
        for path in self._contents:
            if path.parent in watched:
                self._hold(path, path)
        self._thread.start()

    def stop(self) -> None:
        """Leave; who still reads sees the end of the file."""
        self._stopped.set()
        self._wake.ring()
        self._thread.join()
        for fd in (*self._held.values(), *self._feeds):
            os.close(fd)
        self._opened.close()
        self._wake.close()

    def _run(self) -> None:
        pause = _SHORTEST
        while not self._stopped.is_set():
            if not self._others:
                self._serve(None)
                continue
            began = time.monotonic()
            pause = _SHORTEST if self._try_others() else min(pause * 1.5, _LONGEST)
            now = time.monotonic()
            due = now + max(pause, 5 * (now - began))
            while not self._stopped.is_set() and (left := due - time.monotonic()) > 0:
                self._serve(left)

    def _serve(self, longest: float | None) -> None:
        """Take up who opened a held pipe, and write what readers take; wait at most `longest` for that."""
        poller = select.poll()
        poller.register(self._wake.fd, select.POLLIN)
        if self._opened.fd >= 0:
            poller.register(self._opened.fd, select.POLLIN)
        for fd in self._feeds:
            poller.register(fd, select.POLLOUT)
        for fd, _ in poller.poll(None if longest is None else longest * 1000):
            if fd == self._opened.fd:
                self._look(self._opened.read())
            elif fd in self._feeds and not self._write(fd, self._feeds[fd]):
                os.close(fd)
                del self._feeds[fd]
                self._room += 1

    def _look(self, opened: Iterable[Path] | None) -> None:
        """Take up those of the held pipes (None: of all) that have readers. Our own opening is news too."""
        for path in list(self._held) if opened is None else opened:
            fd = self._held.get(path)
            if fd is not None and _has_reader(fd):
                del self._held[path]
                self._take_up(path, fd)

    def _try_others(self) -> bool:
        """Take up those of the other pipes that somebody has opened; whether there were any."""
        found = False
        for path in list(self._others):
            if self._room <= 0:
                break
            try:
                fd = os.open(path, os.O_WRONLY | _FLAGS)
            except OSError:  # nobody reads it, or a stage without a sandbox took it away
                continue
            self._room -= 1
            self._others.discard(path)
            self._take_up(path, fd)
            found = True
        return found

    def _take_up(self, path: Path, fd: int) -> None:
        """Feed who reads the pipe `fd`, after `path` has become the name of another one."""
        self._feeds[fd] = _Feed(self._contents[path])
        if not _is(path, fd):  # a stage without a sandbox took it away
            return
        try:
            with full_is_no_space(self._fresh.parent):
                os.mkfifo(self._fresh, PIPE_MODE)
        except CalfError as error:
            self.error = self.error or error
            return
        self._others.add(path)
        self._hold(path, self._fresh)
        if not self._place(path, fd):
            self._others.discard(path)
            self._let_go(path)
        self._fresh.unlink(missing_ok=True)

    def _place(self, path: Path, fd: int) -> bool:
        """Give the fresh pipe the name `path` if the pipe `fd` still has it.

        A stage without a sandbox may have taken it away, and what it wrote there instead is its own.
        """
        try:
            swap(self._fresh, path)
            if self._fresh.exists() and not _is(self._fresh, fd):
                swap(self._fresh, path)
                return False
        except OSError:
            return False
        return True

    def _let_go(self, path: Path) -> None:
        """Hold no pipe for a path any more."""
        held = self._held.pop(path, None)
        if held is not None:
            os.close(held)
            self._room += 1

    def _hold(self, path: Path, pipe: Path) -> None:
        """Open `pipe`, which is or will be at `path`, for writing, if there is a descriptor left for that."""
        if self._room <= 0:
            return
        try:
            both = os.open(pipe, os.O_RDWR | _FLAGS)  # lets us open it for writing, which needs a reader
        except OSError:
            return
        try:
            if stat.S_ISFIFO(os.fstat(both).st_mode):
                self._held[path] = os.open(
                    f"/proc/self/fd/{both}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC
                )
                self._others.discard(path)
                self._room -= 1
        finally:
            os.close(both)

    def _write(self, fd: int, feed: _Feed) -> bool:
        """Write some of the content; False when that was all of it, or nobody wants the rest."""
        try:
            if feed.pieces is None:
                feed.pieces = map(memoryview, self._store.read(feed.content, feed.offset))
            rest = feed.rest or next(feed.pieces, _NOTHING)
            if not rest:
                return False
            written = os.write(fd, rest)
        except BlockingIOError:
            written = 0
        except BrokenPipeError:
            return False
        except CalfError as error:
            self.error = self.error or error
            return False
        self.fetched += written
        feed.offset += written
        feed.rest = rest[written:]
        if len(self._feeds) > _AT_ONCE:
            feed.pieces, feed.rest = None, _NOTHING
        return True


def _room() -> int:
    """How many descriptors lazy inputs may take: half of all, less those that are in use."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft // 2 - sum(1 for _ in Path("/proc/self/fd").iterdir())


def _has_reader(fd: int) -> bool:
    poller = select.poll()
    poller.register(fd, 0)
    return not any(event & select.POLLERR for _, event in poller.poll(0))


def _is(path: Path, fd: int) -> bool:
    """Whether `fd` is the named pipe at `path`."""
    opened = os.fstat(fd)
    try:
        return stat.S_ISFIFO(opened.st_mode) and os.path.samestat(opened, path.lstat())
    except OSError:
        return False
