"""The server's own log: one line an event, in UTC, for people and for `grep`."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TextIO


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


def log_to(stream: TextIO, level: int = logging.INFO) -> None:
    """Have everything that is logged in this process, from `level` up, written to `stream`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
