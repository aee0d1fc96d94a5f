"""How much the server logs, for a while."""

from __future__ import annotations

import logging
from threading import Lock, Timer

from calf.model.errors import InvalidArgument
from calf.rpc.call import Call
from calf.wire.messages import Message
from calf.wire.messages import debug as api
from calf.wire.times import read_duration

POD = "pachd"
USUAL, LONGEST = 300.0, 86400.0
"""Seconds that a level lasts: unless another time is given, and at most."""
_LEVELS = {1: logging.DEBUG, 2: logging.INFO, 3: logging.ERROR, 4: logging.CRITICAL}
_LOGGERS = {"pachyderm": "calf", "grpc": "grpc"}


class LogLevels:
    """The levels that clients set; the last one counts, until its time is over."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ends: dict[str, Timer] = {}

    def set(self, request: Message, _call: Call) -> Message:
        """Log more or less for a while (by default five minutes), then as before.

        Neither level given changes nothing: pachyderm-sdk cannot send the first of the two.
        """
        which = request.WhichOneof("level")
        if which is not None:
            level = _LEVELS.get(getattr(request, which))
            if level is None:
                raise InvalidArgument("unknown log level", "give one of DEBUG, INFO, ERROR, OFF")
            seconds = read_duration(request.duration) or USUAL
            if not 0 < seconds <= LONGEST:
                raise InvalidArgument(f"duration must be between 0 and 24 hours, but is {seconds:g} seconds")
            self._set(_LOGGERS[which], level, seconds)
        return api.SetLogLevelResponse(affected_pods=[POD])

    def _set(self, name: str, level: int, seconds: float) -> None:
        logger = logging.getLogger(name)
        back = Timer(seconds, logger.setLevel, [logging.NOTSET])
        back.daemon = True
        with self._lock:
            if name in self._ends:
                self._ends[name].cancel()
            self._ends[name] = back
            logger.setLevel(level)
            back.start()
