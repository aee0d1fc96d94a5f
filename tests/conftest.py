"""A whole server in this process, for tests that drive it over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from calf.daemon.build import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh server on a free port; the test fails when it met something unexpected."""
    from calf.daemon.build import start
    from calf.daemon.config import Config

    unexpected: list[BaseException] = []
    made = start(Config(tmp_path / "home", "127.0.0.1:0"), lambda _where, error: unexpected.append(error))
    yield made
    made.stop()
    assert unexpected == []


@pytest.fixture
def server_address(server: Server) -> str:
    """Where it listens."""
    return server.address
