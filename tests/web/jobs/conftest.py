"""A server on which some jobs have run, for all tests of a module that only look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from calf.client.connection import Client, connect
from calf.web.app import make_app
from calf.web.upstream import Upstream
from tests.conftest import serving
from tests.web import runs

HOST = "127.0.0.1:4000"


class Past:
    """What has run: `first` copied a and b, `second` another a and a new c, `failed` met a bad file."""

    def __init__(self, client: Client) -> None:
        self.client = client
        runs.create(client, "copy", runs.COPY)
        self.first = runs.put(client, {"/a": b"1", "/b": b"2"})
        self.second = runs.put(client, {"/a": b"changed", "/c": b"3"})
        self.failed = runs.put(client, {"/bad": b"4"})


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """See `Past`."""
    with (
        serving(tmp_path_factory.mktemp("past") / "home") as server,
        connect(server.address) as client,
    ):
        yield Past(client)


@pytest.fixture(scope="module")
def web(past: Past) -> Iterator[TestClient]:
    """The dashboard of that server."""
    with TestClient(make_app(Upstream(past.client.target), [HOST]), base_url=f"http://{HOST}") as made:
        yield made
