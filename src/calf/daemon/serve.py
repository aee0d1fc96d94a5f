"""`calf serve`: the server in the foreground, until SIGTERM or SIGINT; SIGUSR1 asks where its threads are."""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import select
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from calf.daemon import place
from calf.daemon.config import Config
from calf.daemon.dashboard import Beside, Door, open_door, orders
from calf.daemon.warm import Warm
from calf.kit import exit_codes
from calf.kit.heap import Slack, keep_free_memory
from calf.kit.logs import log_to, log_to_own_file

if TYPE_CHECKING:
    from calf.daemon.build import Server

_LOG = logging.getLogger("calf")
TURN = 0.0005
"""Seconds that a thread works on while others wait for the interpreter. A short call asks for it some thirty
times, so with five milliseconds, as by default, it takes 85 beside three threads that work, with this 4.
"""
LOOK_EVERY = 2.0
"""Seconds between two looks whether the data folder is still there, and at what memory is free."""
PATIENCE = 3.0
"""Seconds that an orderly stop may take. What has not ended by then waits for somebody else's machine."""


def serve(config: Config) -> None:
    """Run the server until an orderly stop, or until its data folder is gone, which it does not outlive.

    Raises `Locked` when it cannot have folder or address.
    """
    from calf.daemon.build import start
    from calf.runner.process import allow_many_files

    place.check_folder(config.home)
    place.check_no_backup(config.home)
    _begin_log(place.log_file(config.home))
    allow_many_files()
    keep_free_memory()
    sys.setswitchinterval(TURN)
    faulthandler.register(signal.SIGUSR1)
    read = config.stamps()
    gc.disable()
    server = start(config, _report)  # until it has, a signal ends all at once: that loses nothing either
    gc.freeze()  # what there is now stays: looking through it over and over would stop all threads each time
    gc.enable()
    poller, bell = _told_to_stop()
    door = _open_door(config, server)
    shown = {"link": door.link, "instead": door.instead} if door else {}
    place.write_address(config.home, server.address, {**config.options(), "read": read, **shown})
    _LOG.info("serving %s on %s%s", config.home, server.address, f", {door.link}" if door else "")
    warm, slack = Warm(config.settings), Slack()
    dashboard = Beside(door, orders(config, door, server.address), poller) if door else None
    while bell not in (descriptor for descriptor, _ in poller.poll(LOOK_EVERY * 1000)):
        if not server.lock.is_ours():
            _LOG.error("the data folder %s was removed or replaced", config.home)
            break
        if dashboard is not None:
            dashboard.look(time.monotonic())
        warm.look(time.monotonic())
        slack.look()
    _LOG.info("stopping")
    if dashboard is not None:
        dashboard.stop()
    warm.stop()
    _stop(server)
    _LOG.info("stopped")
    gc.freeze()  # or the interpreter looks through all that it has once more before it ends: 0.2 s and more


def _open_door(config: Config, server: Server) -> Door | None:
    """The dashboard's. A port that is not to be had ends the server, as its own would."""
    try:
        return open_door(config, server.address)
    except BaseException:
        _stop(server)
        raise


def _told_to_stop() -> tuple[select.poll, int]:
    """What can be polled, and the descriptor that is ready once SIGTERM or SIGINT has come.

    The handler does nothing: whatever lock it took, this very thread could have it at that moment.
    """
    bell, rope = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(rope, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    told = select.poll()
    told.register(bell, select.POLLIN)
    return told, bell


def _begin_log(file: Path) -> None:
    """Log to standard error; if `calf up` made that the log's file, keep it from growing for ever."""
    if file.exists() and os.path.samestat(os.fstat(sys.stderr.fileno()), file.stat()):
        log_to_own_file(file)
    else:
        log_to(sys.stderr)


def _stop(server: Server) -> None:
    """Stop in order, or leave as it is what does not end; nothing that was acknowledged can be lost so."""
    stopping = threading.Thread(target=server.stop, name="stop", daemon=True)
    stopping.start()
    stopping.join(PATIENCE)
    me = threading.current_thread()
    left = sorted(it.name for it in threading.enumerate() if it is not me and not it.daemon)
    if left or stopping.is_alive():  # the interpreter would wait for them, however long they take
        _LOG.warning("stopped without waiting for %s", ", ".join(left) or stopping.name)
        logging.shutdown()
        os._exit(exit_codes.OK)


def _report(where: str, error: BaseException) -> None:
    _LOG.error("unexpected failure in %s", where, exc_info=error)
