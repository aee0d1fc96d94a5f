"""`calf serve`: the server in the foreground, until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import signal
import sys
import threading

from calf.daemon import place
from calf.daemon.config import Config
from calf.kit.logs import log_to

_LOG = logging.getLogger("calf")


def serve(config: Config) -> None:
    """Run the server until an orderly stop. Raises `Locked` when it cannot have folder or address."""
    from calf.daemon.build import start
    from calf.runner.process import allow_many_files

    log_to(sys.stderr)
    allow_many_files()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = start(config, _report)
    place.write_address(config.home, server.address)
    _LOG.info("serving %s on %s", config.home, server.address)
    stop.wait()
    _LOG.info("stopping")
    server.stop()
    _LOG.info("stopped")


def _report(where: str, error: BaseException) -> None:
    _LOG.error("unexpected failure in %s", where, exc_info=error)
