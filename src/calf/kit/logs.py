"""The server's own log: one line an event, in UTC, for people and for `grep`."""

from __future__ import annotations

import logging
import os
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

LARGEST = 16 << 20
"""Bytes of the log's file, after which it becomes `….1`, in the place of the one before."""


class LineFormatter(logging.Formatter):
    """`2026-01-31T08:05:00.123Z INFO calf.rpc what happened`; a traceback follows, indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatTime(self, record: logging.LogRecord, _format: str | None = None) -> str:  # noqa: N802 - theirs
        """When it happened."""
        moment = datetime.fromtimestamp(record.created, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def format(self, record: logging.LogRecord) -> str:
        """The line, with whatever belongs to it below, indented, so that a line that is not is an event."""
        return super().format(record).replace("\n", "\n    ")


SELDOM = 60.0
"""Seconds between two events that say of themselves (`extra=seldom(...)`) that they come often."""


def seldom(kind: str) -> dict[str, str]:
    """What goes as `extra` with an event of which one of a kind a minute is enough."""
    return {"seldom": kind}


class OneAMinute(logging.Filter):
    """Leaves out events of a kind that was logged less than a minute ago."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the event is to be logged."""
        kind = getattr(record, "seldom", "")
        if not kind or not 0 <= record.created - self._last.get(kind, 0.0) < SELDOM:
            self._last[kind] = record.created
            return True
        return False


def log_to(stream: TextIO, level: int = logging.INFO) -> None:
    """Have everything that is logged in this process, from `level` up, written to `stream`."""
    _use(logging.StreamHandler(stream), level)


def log_to_own_file(path: Path, level: int = logging.INFO, largest: int = LARGEST) -> None:
    """The same, to the file that standard output and error go to already: they come along when it is full."""
    _use(_Rotating(path, maxBytes=largest, backupCount=1, encoding="utf-8"), level)


class _Rotating(RotatingFileHandler):
    def doRollover(self) -> None:  # noqa: N802 - theirs
        super().doRollover()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            if self.stream is not None:
                os.dup2(self.stream.fileno(), stream.fileno())


def _use(handler: logging.Handler, level: int) -> None:
    handler.setFormatter(LineFormatter())
    handler.addFilter(OneAMinute())
    logging.basicConfig(level=level, handlers=[handler], force=True)
