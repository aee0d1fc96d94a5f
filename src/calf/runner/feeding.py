"""Feeds the named pipes of lazy inputs: a file is fetched when the stage opens it, and not before.

That somebody has opened a pipe for reading can only be found out by trying to open it for writing, so a
thread tries, less and less often while nothing happens. A pipe that was opened is replaced by a fresh one
under its name, so that whoever opens it next gets the whole content too. Two that open it at the same moment
share one content between them, as with any pipe.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from calf.kit.errors import CalfError
from calf.kit.paths import safe_join
from calf.model.ports import InputFile
from calf.runner.layout import PIPE_MODE
from calf.runner.output import Wake
from calf.storage.store import Store

_SHORTEST, _LONGEST = 0.002, 0.05
_AT_ONCE = 200
_LATER = frozenset({errno.ENXIO, errno.EMFILE, errno.ENFILE})


@contextmanager
def feeding(pfs: Path, spare: Path, store: Store, inputs: Iterable[InputFile]) -> Iterator[Feeder]:
    """Feed the lazy ones of `inputs`, laid out below `pfs`, during the block.

    `spare` is a private folder on the same file system. Raises `IntegrityError` at the end of the block when
    a file could not be read from the store.
    """
    feeder = Feeder(pfs, spare, store, [file for file in inputs if file.form == "lazy"])
    feeder.start()
    try:
        yield feeder
    finally:
        feeder.stop()
    if feeder.error is not None:
        raise feeder.error


class Feeder:
    """One datum's lazy files; `fetched` counts the bytes that were read for it."""

    def __init__(self, pfs: Path, spare: Path, store: Store, files: list[InputFile]) -> None:
        self._store = store
        self._files = {safe_join(pfs, file.path): file for file in files}
        self._fresh = spare / "pipe"
        self._open: dict[int, Iterator[memoryview]] = {}
        self._rest: dict[int, memoryview] = {}
        self._wake = Wake()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="calf-lazy-files", daemon=True)
        self.fetched = 0
        self.error: CalfError | None = None

    def start(self) -> None:
        """Begin, if there is anything to feed."""
        if self._files:
            self._thread.start()

    def stop(self) -> None:
        """Leave; who still reads sees the end of the file."""
        self._stopped.set()
        self._wake.ring()
        if self._files:
            self._thread.join()
        self._wake.close()

    def _run(self) -> None:
        pause = _SHORTEST
        try:
            while not self._stopped.is_set():
                began = time.monotonic()
                pause = _SHORTEST if self._find_readers() else min(pause * 1.5, _LONGEST)
                now = time.monotonic()
                due = now + max(pause, 5 * (now - began))
                while not self._stopped.is_set() and (left := due - time.monotonic()) > 0:
                    self._feed(left)
        finally:
            for fd in self._open:
                os.close(fd)

    def _find_readers(self) -> bool:
        """Take up the pipes that somebody has opened; whether there were any."""
        found = False
        for path in list(self._files):
            if len(self._open) >= _AT_ONCE:
                break
            try:
                fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            except OSError as error:
                if error.errno not in _LATER:
                    del self._files[path]  # a stage without a sandbox took it away
                continue
            file = self._files[path]
            if not stat.S_ISFIFO(os.fstat(fd).st_mode):
                os.close(fd)
                del self._files[path]
                continue
            os.mkfifo(self._fresh, PIPE_MODE)
            self._fresh.rename(path)
            self._open[fd] = map(memoryview, self._store.read(file.content))
            found = True
        return found

    def _feed(self, longest: float) -> None:
        """Write what the open pipes take; wait at most `longest` seconds until they take something."""
        poller = select.poll()
        poller.register(self._wake.fd, select.POLLIN)
        for fd in self._open:
            poller.register(fd, select.POLLOUT)
        for fd, _ in poller.poll(longest * 1000):
            if fd in self._open and not self._write(fd):
                os.close(fd)
                del self._open[fd]
                self._rest.pop(fd, None)

    def _write(self, fd: int) -> bool:
        """Write some of the content; False when that was all of it, or nobody wants the rest."""
        try:
            rest = self._rest.get(fd) or next(self._open[fd], None)
            if rest is None:
                return False
            written = os.write(fd, rest)
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        except CalfError as error:
            self.error = self.error or error
            return False
        self.fetched += written
        self._rest[fd] = rest[written:]
        return True
