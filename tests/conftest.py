"""A whole server in this process, for tests that drive it over the wire."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from calf.daemon.build import Server


SECONDS_TO_LEAVE = 60
"""What a process of pytest has to end after its last test; then it shows where every thread is, and ends."""


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    faulthandler.dump_traceback_later(SECONDS_TO_LEAVE, exit=True, file=sys.__stderr__)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh server on a free port; the test fails when it met something unexpected."""
    from calf.daemon.build import start
    from calf.daemon.config import Config
    from tests.fresh_folder import lay

    unexpected: list[BaseException] = []
    config = Config(lay(tmp_path / "home"), "127.0.0.1:0")
    made = start(config, lambda _where, error: unexpected.append(error))
    yield made
    made.stop()
    assert unexpected == []


@pytest.fixture
def server_address(server: Server) -> str:
    """Where it listens."""
    return server.address
