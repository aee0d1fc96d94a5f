"""A whole server in this process, for tests that drive it over the wire."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from calf.daemon.build import Server


os.environ["CALF_WARM"] = "0"  # servers of tests live too shortly to have a process beside them
SECONDS_TO_LEAVE = 60
"""What a process of pytest has to end after its last test; then it shows where every thread is, and ends."""


def pytest_configure(config: pytest.Config) -> None:
    """The marks of `tests.runner.suite`, which others import."""
    config.addinivalue_line("markers", "backend(name): runs on that backend, of the suite for all of them")
    config.addinivalue_line("markers", "sample: runs in containers with every `make test`")


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    gc.disable()  # nothing of what is collected goes before the end


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return  # a worker of xdist that is done waits for the others
    faulthandler.dump_traceback_later(SECONDS_TO_LEAVE, exit=True, file=sys.__stderr__ or sys.stderr)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh server on a free port."""
    with serving(tmp_path / "home") as made:
        yield made


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """A server on this folder, by default a fresh one; it must meet nothing unexpected."""
    from calf.daemon.build import start
    from calf.daemon.config import Config
    from tests.fresh_folder import lay

    unexpected: list[BaseException] = []
    made = start(Config(lay(home), "127.0.0.1:0"), lambda _where, error: unexpected.append(error))
    try:
        yield made
    finally:
        made.stop()
    assert unexpected == []


@pytest.fixture
def server_address(server: Server) -> str:
    """Where it listens."""
    return server.address
