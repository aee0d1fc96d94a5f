"""What a client's attributes say of what goes wrong behind them."""

from __future__ import annotations

from typing import NoReturn

import pytest

from calf.client import connection
from calf.client.connection import Client, connect


def test_an_error_behind_a_door_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_door(*_: object) -> NoReturn:
        raise AttributeError("a mistake in the door")

    monkeypatch.setattr(connection, "find_door", find_door)
    with connect("127.0.0.1:7") as client, pytest.raises(AttributeError, match="a mistake in the door"):
        client.call("/versionpb_v2.API/GetVersion", None)


def test_a_service_that_there_is_not_is_no_attribute() -> None:
    assert not hasattr(Client("127.0.0.1:7"), "pss")
