"""Which datums are being worked on right now: shown to users, and so that one can be told to start over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from calf.kit.cancel import CancelToken
from calf.model.pps_infos import DatumInput
from calf.model.refs import Datum, Job


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a datum under way, since `started`; `cancel` ends this attempt only."""

    datum: Datum
    inputs: tuple[DatumInput, ...]
    cancel: CancelToken
    started: float = 0.0


class Running:
    """All attempts under way in this process; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._attempts: list[Attempt] = []

    @contextmanager
    def attempt(self, attempt: Attempt) -> Iterator[None]:
        """Count an attempt as under way during the block."""
        with self._lock:
            self._attempts.append(attempt)
        try:
            yield
        finally:
            with self._lock:
                self._attempts.remove(attempt)

    def attempts(self, job: Job | None = None) -> list[Attempt]:
        """What is under way: in a job, or in all."""
        with self._lock:
            return [it for it in self._attempts if job is None or it.datum.job == job]
