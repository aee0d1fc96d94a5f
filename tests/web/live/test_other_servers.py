"""What a page that stands open is told of a server that is not ours, and of one that goes away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import grpc
import pytest

from calf.client.connection import Client
from calf.model.errors import Unreachable
from calf.web.live.watching import watch
from calf.wire.messages import pfs, pps
from tests.cli.test_other_servers import Stranger
from tests.web.live.test_events import ALL, first, make_project, make_repo, opened
from tests.web.serving import listening


class Strict(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """Refuses to list the commit sets of the project `closed`."""

    def service(self, details: Any) -> Any:
        """The handler of that call, of the whole of which it knows the name alone."""
        if not details.method.endswith("/ListCommitSet"):
            return None

        def refuse(request: bytes, context: Any) -> Iterator[bytes]:
            if b"closed" in request:
                context.abort(grpc.StatusCode.PERMISSION_DENIED, "not for you")
            yield from ()

        return grpc.unary_stream_rpc_method_handler(refuse)


@contextmanager
def stranger(server_address: str, port: int = 0, *before: grpc.GenericRpcHandler) -> Iterator[int]:
    """A server that knows none of our own calls, before one of ours; gives its port."""
    with grpc.insecure_channel(server_address.rpartition("/")[2]) as channel, ThreadPoolExecutor(8) as pool:
        server = grpc.server(pool, handlers=(*before, Stranger(channel)))
        port = server.add_insecure_port(f"127.0.0.1:{port}")
        server.start()
        yield port
        server.stop(None).wait()


def test_a_server_that_does_not_tell_is_looked_at(server_address: str, client: Client) -> None:
    make_project(client, "cats")
    with stranger(server_address) as port, listening(f"127.0.0.1:{port}") as live:
        stream = opened(live, "/events?project=cats")
        make_repo(client, "cats", "first")
        assert first(stream) == ("change", {"project": "cats", "kinds": ["repos"]})
        client.pps.CreatePipeline(
            pps.CreatePipelineRequest(
                pipeline=pps.Pipeline(project=pfs.Project(name="cats"), name="p"),
                transform=pps.Transform(image="host", cmd=["true"]),
                input=pps.Input(pfs=pps.PFSInput(repo="first", project="cats", glob="/*")),
            )
        )
        assert "pipelines" in first(stream)[1]["kinds"]


def test_a_project_that_is_not_for_us_keeps_nobody_from_being_told_of_others(
    server_address: str, client: Client
) -> None:
    with stranger(server_address, 0, Strict()) as port, listening(f"127.0.0.1:{port}") as live:
        stream = opened(live, "/events?project=closed&project=default")
        make_repo(client, "default", "first")
        assert any(first(stream) == ("change", {"project": "default", "kinds": ["repos"]}) for _ in range(3))


def test_what_was_before_the_first_look_at_another_project_is_not_lost(server_address: str) -> None:
    with stranger(server_address) as port, listening(f"127.0.0.1:{port}") as live:
        opened(live, "/events?project=default")
        for path, kinds in (
            ("/events?project=gone", ["jobs", "pipelines", "repos"]),
            ("/events", ["projects"]),
        ):
            assert first(opened(live, path))[1]["kinds"] == kinds


def test_a_page_is_told_when_the_server_goes_and_when_it_is_back(server_address: str) -> None:
    with ExitStack() as life:
        port = life.enter_context(stranger(server_address))
        with listening(f"127.0.0.1:{port}") as live:
            stream = opened(live, "/events?project=default")
            life.close()
            assert first(stream)[1]["kinds"] == ALL
            assert live.ask("/index.json").status == 502
            with stranger(server_address, port):
                assert first(stream)[1]["kinds"] == ALL
                assert live.ask("/index.json").status == 200


def test_who_has_ended_is_not_left_waiting_for_changes(client: Client) -> None:
    ended = threading.Event()
    ended.set()
    with pytest.raises(Unreachable):
        list(watch(client, set, ended))  # that it looks may have been said before
