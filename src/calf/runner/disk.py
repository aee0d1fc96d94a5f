"""What stages may take of the disk while they run: what their specs allow, and never the server's share.

A datum that goes over its limit is cancelled as from outside, and its outcome says why. On a full disk it is
ended with `NoSpace`, also when it filled the disk itself: that may be nobody's fault, as only its limit says
what is too much, and it is not begun again before more is free than it could have. One thread looks, while
datums run: at the free space, more often the less there is; at what a datum has written only when its spec
has a limit or the space runs out, for a twentieth of the time at most, and half of it while space lacks.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from calf.kit.atomic import no_space
from calf.kit.cancel import CancelToken
from calf.kit.errors import NoSpace
from calf.kit.sizes import format as format_size
from calf.model.limits import Limit
from calf.model.ports import Cancel, DatumRun, Log, Outcome, Worker, WorkerSpec
from calf.runner.disk_use import used_below, used_by_nameless
from calf.runner.workspace import Workspace, empty

LARGEST_RESERVE = 256 << 20
SHARE = 50
"""One part in so many of the disk, at most the above, is the server's."""
LOOK_EVERY = 0.5
QUICKEST = 0.02
PATIENCE = 2.0
"""Seconds without enough space after which datums are ended that did not take it."""
_FASTEST = 4 << 30  # bytes a second that a stage may write, about
_REST = 20  # times as long as a measurement took


@dataclass(slots=True, eq=False)
class Watched:
    """A datum under way. `verdict`: what it was ended with, if it was; `filled`: because of what it took."""

    workspace: Workspace
    limit: int
    cancel: CancelToken
    verdict: str | NoSpace = ""
    filled: bool = False
    used: int = 0
    due: float = 0.0


class DiskGuard:
    """Watches the datums of one runner, whose workspaces are below `root`; thread-safe."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Condition()
        self._watched: list[Watched] = []
        self._thread: threading.Thread | None = None
        self._since = math.inf

    @contextmanager
    def watch(self, workspace: Workspace, limit: int, cancel: Cancel, room: int = 0) -> Iterator[Watched]:
        """Watch what is written in a workspace, of which `limit` bytes are allowed (0: any).

        What is yielded has the token to run the datum with. Raises `NoSpace` when there is not even what the
        server needs, or less than `room`.
        """
        free, reserve = self._space()
        if free < max(reserve, room):
            raise self._lacking(free, reserve, room)
        watched = Watched(workspace, limit, CancelToken())
        forget = cancel.on_cancel(watched.cancel.cancel)
        try:
            self._add(watched, _pause(free, reserve))
            yield watched
        finally:
            forget()
            with self._lock:
                if watched in self._watched:
                    self._watched.remove(watched)

    def _add(self, watched: Watched, pause: float) -> None:
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._run, args=(pause,), name="calf-disk", daemon=True)
                thread.start()  # it looks once the lock is free; where no thread can be had, nothing is left
                self._thread = thread
            self._watched.append(watched)
            if pause < LOOK_EVERY:
                self._lock.notify()

    def _run(self, pause: float) -> None:
        """Look now and then; end once nothing was watched for two looks."""
        idle = 0
        try:
            while idle < 2:
                with self._lock:
                    self._lock.wait(pause)
                    watched = list(self._watched)
                    idle = 0 if watched else idle + 1
                    if idle == 2:
                        self._thread = None
                pause = self._look(watched)
        except OSError:  # a disk that fails: others say so, and the next datum begins anew
            with self._lock:
                self._thread = None

    def _look(self, watched: list[Watched]) -> float:
        """Look once; gives the seconds until the next time."""
        for each in watched:
            if each.limit and not each.verdict and self._measure(each) > each.limit:
                limit, used = format_size(each.limit), format_size(each.used)
                _end(each, f"killed: disk limit {limit}, and {used} lie in /pfs/out and /tmp")
        free, reserve = self._space()
        if free >= reserve:
            self._since = math.inf
            return _pause(free, reserve)
        began = time.monotonic()
        self._since = min(self._since, began)
        self._make_room(watched)
        return max(QUICKEST, time.monotonic() - began)

    def _make_room(self, watched: list[Watched]) -> None:
        """End the datum that took most. One at a time: what it took has to come back before the next goes."""
        if not watched or any(each.verdict for each in watched):
            return
        taken = {id(each): self._measure(each) + used_by_nameless(each.workspace.out) for each in watched}
        most = max(watched, key=lambda each: taken[id(each)])
        used = taken[id(most)]
        free, reserve = self._space()  # as it is now: who took most may have gone by himself
        if free >= reserve:
            return
        if used >= reserve - free:
            most.filled, most.used = True, used
            _end(most, self._lacking(free, reserve))
        elif free < reserve / 2 and time.monotonic() - self._since > PATIENCE:
            _end(most, self._lacking(free, reserve))

    def look_at_failed(self, watched: Watched) -> None:
        """Give a datum that failed by itself its verdict if that may be for want of space."""
        free, reserve = self._space()
        if free < reserve and not watched.verdict:
            watched.used = used_below(watched.workspace.out, watched.workspace.tmp)
            watched.filled = watched.used >= reserve - free
            watched.verdict = self._lacking(free, reserve)

    def refusal(self, watched: Watched, verdict: NoSpace, *, standing: bool) -> NoSpace:
        """What to tell of a datum that was ended for want of space, its files being gone by now.

        What is `standing` is begun again whatever is free.
        """
        if not watched.filled:
            return verdict
        free, reserve = self._space()
        room = 0 if standing else max(free, reserve + watched.used) + reserve // 4
        took = f"a datum took {format_size(watched.used)} in /pfs/out and /tmp"
        text = f"{took}, which was too much, and was ended{_needs(room)}"
        return no_space(self._root, text, room, max(room, reserve))

    def _lacking(self, free: int, reserve: int, room: int = 0) -> NoSpace:
        text = (
            f"{format_size(free)} are free, and {format_size(reserve)} are kept for the server{_needs(room)}"
        )
        return no_space(self._root, text, room, max(room, reserve))

    def _measure(self, each: Watched) -> int:
        now = time.monotonic()
        if now >= each.due:
            each.used = used_below(each.workspace.out, each.workspace.tmp)
            each.due = now + _REST * (time.monotonic() - now)
        return each.used

    def _space(self) -> tuple[int, int]:
        """What is free, and what of that is the server's."""
        found = os.statvfs(self._root)
        return found.f_bavail * found.f_frsize, min(LARGEST_RESERVE, found.f_blocks * found.f_frsize // SHARE)


class WatchedWorker:
    """Implements `ports.Worker`: a worker whose datums are held to what they may take of the disk."""

    def __init__(self, worker: Worker, guard: DiskGuard, workspace: Workspace, spec: WorkerSpec) -> None:
        self._worker = worker
        self._guard = guard
        self._workspace = workspace
        self._limit = spec.disk
        self._standing = spec.standing

    @property
    def isolation(self) -> str:
        """See `ports.Worker`."""
        return self._worker.isolation

    @property
    def limits(self) -> tuple[Limit, ...]:
        """See `ports.Worker`."""
        return self._worker.limits

    def run(self, datum: DatumRun, log: Log, cancel: Cancel) -> Outcome:
        """See `ports.Worker`.

        What stands is begun again by who keeps it up, so there it is an outcome.
        """
        try:
            return self._run(datum, log, cancel)
        except NoSpace as error:
            if not self._standing:
                raise
            return Outcome(ok=False, reason=error.message)

    def _run(self, datum: DatumRun, log: Log, cancel: Cancel) -> Outcome:
        with self._guard.watch(self._workspace, self._limit, cancel, datum.room) as watched:
            outcome = self._worker.run(datum, log, watched.cancel)
            if not watched.verdict and not (outcome.ok or outcome.recovered or outcome.cancelled):
                self._guard.look_at_failed(watched)
            if not watched.verdict:
                return outcome if outcome.ok else self._hinting(outcome)
            self._worker.end_set()  # a batching stage may wait for its next datum already, with files in /tmp
            for folder in (self._workspace.out, self._workspace.tmp):
                empty(folder)
        if isinstance(watched.verdict, NoSpace):
            raise self._guard.refusal(watched, watched.verdict, standing=self._standing)
        return Outcome(ok=False, reason=watched.verdict, stats=outcome.stats)

    def _hinting(self, outcome: Outcome) -> Outcome:
        """A program that may not write on fails in words of its own; the limit may not be among them."""
        used = used_below(self._workspace.out, self._workspace.tmp) if self._limit else 0
        if not self._limit or used < self._limit or "disk limit" in outcome.reason:
            return outcome
        return replace(outcome, reason=f"{outcome.reason}; disk limit {format_size(self._limit)} was reached")

    def end_set(self) -> None:
        """See `ports.Worker`."""
        self._worker.end_set()

    def close(self) -> None:
        """See `ports.Worker`."""
        self._worker.close()


def _pause(free: int, reserve: int) -> float:
    return min(LOOK_EVERY, max(QUICKEST, (free - reserve) / _FASTEST))


def _end(watched: Watched, verdict: str | NoSpace) -> None:
    watched.verdict = verdict
    watched.cancel.cancel()


def _needs(room: int) -> str:
    return f"; a datum that filled the disk is tried again once {format_size(room)} are free" if room else ""
