"""Stages that stand: reached through a door, reaching their server, given secrets; nothing else is open."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from calf.kit.cancel import CancelToken
from calf.kit.errors import InvalidArgument, Precondition
from calf.model.ports import Outcome, Port
from calf.runner import output
from calf.runner.forward import Forward, through_door
from tests.runner.benches import Bench

SERVER = """
import socket
server = socket.create_server(("127.0.0.1", {port}))
while True:
    near, _ = server.accept()
    near.sendall(b"hello " + near.recv(100))
    near.close()
"""


YET_AND_NOW = (("nothing", "yet"), ("something", "now"))


@pytest.fixture
def port() -> int:
    with socket.socket() as any_socket:
        any_socket.bind(("127.0.0.1", 0))
        number: int = any_socket.getsockname()[1]
        return number


def _ask(port: int) -> bytes:
    """What the stage answers, as soon as it does."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as end:
                end.sendall(b"you")
                if answer := end.recv(100):
                    return answer
        except ConnectionError:
            continue
    raise AssertionError("nobody answers")


def test_a_service_is_reached_until_it_is_cancelled(bench: Bench, port: int) -> None:
    inside = port if not bench.runner.detector.choose(bench.isolation).isolated else 8000
    late = f"import time; time.sleep(0.4)\n{SERVER.format(port=inside)}"
    worker = bench.worker("python3", "-c", late, standing=True, port=Port(inside, port))
    cancel, outcomes = CancelToken(), list[Outcome]()
    thread = threading.Thread(target=lambda: outcomes.append(bench.datum(worker, timeout=0, cancel=cancel)))
    thread.start()
    try:
        assert _ask(port) == b"hello you"
    finally:
        cancel.cancel()
        thread.join()
    assert outcomes[0].cancelled
    said = [f"serving at 127.0.0.1:{port}"]
    if inside != port:
        said += [f"{what} listens on port 8000 of the stage {when}" for what, when in YET_AND_NOW]
    assert bench.noted().splitlines()[-len(said) :] == said
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_how_a_standing_stage_ended_is_told(best: Bench) -> None:
    assert best.datum(best.worker("sh", "-c", "exit 3", standing=True)).reason == "exit code 3"
    assert best.datum(best.worker("true", standing=True)).ok
    missing = best.datum(best.worker("no-such-program", standing=True)).reason
    assert missing == "the program no-such-program is not in image host"


def test_secrets_lie_where_the_spec_says_and_cannot_be_changed(isolated: Bench) -> None:
    script = "cat /etc/words/word > /pfs/out/said; ! echo x > /etc/words/word"
    outcome = isolated.sh(script, secrets={"/etc/words": {"word": b"sesame"}})
    assert isolated.read(outcome) == {"/said": b"sesame"}


@pytest.mark.parametrize(
    "place",
    ["words", "/", "//run/", "/pfs/out", "/run/calf/python/lib", "/tmp/../run/calf", "/proc/1", "/dev"],
)
def test_secrets_do_not_lie_where_our_own_programs_do(best: Bench, place: str) -> None:
    with pytest.raises(InvalidArgument, match=f"secrets cannot be mounted at {place}$"):
        best.sh("true", secrets={place: {"word": b"sesame"}})


def test_a_port_that_is_taken_is_an_error_that_names_it(port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(Precondition, match=f"port {port} of this machine cannot be had"),
    ):
        Forward(port, socket.socket)


def test_a_stage_cannot_lead_us_to_a_socket_of_this_machine(tmp_path: Path) -> None:
    ours = tmp_path / "ours.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(ours))
        server.listen()
        door = tmp_path / "door"
        door.mkdir()
        (door / "service.sock").symlink_to(ours)
        with pytest.raises(OSError, match="no socket"):
            through_door(door)
        (door / "service.sock").unlink()
        (door / "service.sock").write_text("")
        with pytest.raises(OSError, match="no socket"):
            through_door(door)


def test_a_standing_stage_may_print_without_end(best: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "MAX_LINES", 100)
    worker = best.worker("sh", "-c", "seq 1000; echo last", standing=True)
    assert best.datum(worker).ok
    assert best.said().splitlines()[-1] == "last"
