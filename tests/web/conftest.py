"""The dashboard, asked as a browser would ask it, of a whole server in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client, connect
from calf.web.app import make_app
from calf.web.upstream import Upstream

HOST = "127.0.0.1:4000"


@pytest.fixture
def client(server_address: str) -> Iterator[Client]:
    """A connection to the server, to put there what the dashboard is to show."""
    with connect(server_address) as made:
        yield made


@pytest.fixture
def dashboard(server_address: str) -> Iterator[TestClient]:
    """The dashboard of that server."""
    upstream = Upstream(server_address)
    with TestClient(make_app(upstream, [HOST]), base_url=f"http://{HOST}") as made:
        yield made
    upstream.close()
