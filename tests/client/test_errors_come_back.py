from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from calf.client.connection import connect
from calf.client.errors import make_error
from calf.model.errors import CalfError, Category, NotFound, Unreachable
from calf.wire.messages import pfs

INSPECT, LIST = "/pfs_v2.API/InspectRepo", "/pfs_v2.API/ListRepo"


@pytest.mark.parametrize("category", Category)
def test_every_category_comes_back_as_its_class(dial: Any, category: Category) -> None:
    error = make_error(category, "repo default/ü not found", "look ü", "input.pfs.ü")

    def refuse(_request: Any, _call: Any) -> Any:
        raise error

    client = dial({INSPECT: refuse, LIST: refuse})
    for ask in (
        lambda: client.pfs.InspectRepo(pfs.InspectRepoRequest()),
        lambda: list(client.pfs.ListRepo(pfs.ListRepoRequest())),
    ):
        with pytest.raises(type(error)) as caught:
            ask()
        found = caught.value
        assert (found.category, found.message, found.hint, found.field) == (
            category,
            error.message,
            error.hint,
            error.field,
        )


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_a_port_that_another_program_serves_is_told(answer: bytes) -> None:
    def serve() -> None:
        met, _ = listening.accept()
        with met:
            met.sendall(answer)
            while met.recv(4096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        other = threading.Thread(target=serve)
        other.start()
        target = f"127.0.0.1:{listening.getsockname()[1]}"
        with connect(target) as client, pytest.raises(Unreachable, match="of another protocol"):
            client.pfs.InspectRepo(pfs.InspectRepoRequest())
        other.join()


def test_no_server_is_unreachable_and_says_what_to_do() -> None:
    with (
        connect("127.0.0.1:1") as client,
        pytest.raises(Unreachable, match=r"no server answers at 127\.0\.0\.1:1") as caught,
    ):
        client.pfs.InspectRepo(pfs.InspectRepoRequest())
    assert "calf up" in caught.value.hint


def test_a_server_that_sends_no_code_is_understood_by_status(
    dial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_request: Any, _call: Any) -> Any:
        raise NotFound("repo default/r not found")

    monkeypatch.setattr("calf.rpc.errors.CODE_KEY", "other")
    with pytest.raises(NotFound, match="repo default/r not found"):
        dial({INSPECT: refuse}).pfs.InspectRepo(pfs.InspectRepoRequest())


def test_unknown_services_and_methods_are_mistakes_of_the_caller(dial: Any) -> None:
    client = dial({})
    with pytest.raises(AttributeError):
        _ = client.nothing
    with pytest.raises(KeyError):
        client.pfs.Nothing(pfs.InspectRepoRequest())
    with pytest.raises(CalfError, match="unknown method InspectRepo"):
        client.pfs.InspectRepo(pfs.InspectRepoRequest())
