from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from calf.rpc.call import Call, Handlers
from calf.rpc.server import start_server
from calf.wire.messages import Message, admin, version

Serve = Callable[[Handlers], None]


@pytest.fixture
def serve(offline: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Serves handlers, and makes pachctl use them."""
    with ExitStack() as stack:

        def start(handlers: Handlers) -> None:
            server = start_server(handlers, "127.0.0.1:0")
            stack.callback(server.stop, 1)
            monkeypatch.setenv("PACHD_ADDRESS", f"grpc://127.0.0.1:{server.port}")

        yield start


def _speaks(major: int, minor: int) -> Handlers:
    def get_version(_request: Message, _call: Call) -> Message:
        return version.Version(major=major, minor=minor)

    return {"/versionpb_v2.API/GetVersion": get_version}


def test_a_server_says_what_it_warns_of(offline: Any, serve: Serve) -> None:
    asked = []

    def inspect_cluster(request: Message, _call: Call) -> Message:
        asked.append((request.client_version.major, request.current_project.name))
        return admin.ClusterInfo(warnings_ok=True, warnings=["your \x1b[2Jpachctl is old"])

    serve({**_speaks(2, 12), "/admin_v2.API/InspectCluster": inspect_cluster})
    offline("connect", "elsewhere:1")
    offline("config", "update", "context", "--project", "lab")
    ended = offline("version")
    assert ended.code == 0
    assert ended.err == "WARNING: your \\x1b[2Jpachctl is old\n"
    assert asked == [(2, "lab")]


def test_an_older_server_is_known_by_its_version(offline: Any, serve: Serve) -> None:
    serve(_speaks(2, 1))
    assert offline("version").rows[1] == ["pachd", "2.1.0"]


def test_a_server_of_another_major_version_is_refused(offline: Any, serve: Serve) -> None:
    serve(_speaks(1, 13))
    ended = offline("version")
    assert ended.code == 5
    assert "the server is Pachyderm 1.13.0" in ended.err


def test_a_server_without_later_methods_is_asked_the_earlier_ones(offline: Any, serve: Serve) -> None:
    from calf.wire.messages import pfs

    def inspect_project(request: Message, _call: Call) -> Message:
        return pfs.ProjectInfo(project=request.project, description="old")

    serve({**_speaks(2, 7), "/pfs_v2.API/InspectProject": inspect_project})
    assert offline("inspect", "project", "lab").out == "Name: lab\nDescription: old\nCreated: -\n"
