"""The dashboard beside a server: its link, when its process begins and ends, and where it may listen."""

from __future__ import annotations

import http.client
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from calf.daemon import dashboard
from calf.daemon.config import Config
from calf.daemon.control import down
from calf.daemon.dashboard import Beside, Door, listen, listen_near, open_door, orders
from calf.daemon.main import main
from calf.model.errors import InvalidArgument, Locked
from tests.daemon.test_up_and_down import calf, calf_apart, pid, up
from tests.in_process import run_here

LIMIT = 60


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    down(tmp_path / "home")


def ask(link: str, path: str = "/index.json") -> int:
    connection = http.client.HTTPConnection(urlsplit(link).netloc, timeout=LIMIT)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def link_in(said: str) -> str:
    [line] = [line for line in said.splitlines() if line.startswith("dashboard: ")]
    return line.removeprefix("dashboard: ").partition(" ")[0]


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def listens(link: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(link.rpartition(":")[2]))).close()
    except ConnectionRefusedError:
        return False
    return True


def test_up_gives_a_link_that_works_until_down(home: Path) -> None:
    link = link_in(up(home).stdout)
    assert link_in(calf("status", home=home).stdout) == link
    assert ask(link) == 200
    assert calf_apart("down", home=home).returncode == 0
    assert not listens(link)


def test_it_goes_with_a_killed_server(home: Path) -> None:
    link = link_in(up(home).stdout)
    assert ask(link) == 200
    os.kill(pid(home), signal.SIGKILL)
    until(lambda: not listens(link))


def test_without_one_there_is_no_link(home: Path) -> None:
    assert "dashboard" not in up(home, "--dashboard", "off").stdout
    assert "dashboard" not in calf("status", home=home).stdout


def test_a_second_up_may_not_ask_for_another(home: Path) -> None:
    up(home, "--dashboard", "off")
    refused = up(home, "--dashboard", "127.0.0.1:0")
    assert refused.returncode == 5
    assert "dashboard off" in refused.stderr


def test_an_address_that_is_taken_is_refused(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        refused = up(home, "--dashboard", taken)
    assert refused.returncode != 0
    assert f"the dashboard cannot listen on {taken}: Address already in use" in refused.stderr


def test_a_usual_port_that_is_taken_gives_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        door = listen_near(port)
        assert (door.instead, door.link != f"http://127.0.0.1:{port}") == (port, True)
        door.listener.close()
    free = listen_near(port)
    assert (free.instead, free.link) == (0, f"http://127.0.0.1:{port}")
    free.listener.close()
    beyond = listen_near(65536)
    assert int(beyond.link.rpartition(":")[2]) <= 65535
    beyond.listener.close()


@pytest.mark.parametrize("address", ["0.0.0.0:0", "192.0.2.1:30651", "example.org:30651", ":30651"])
def test_where_others_reach_it_it_needs_tls_and_a_token(tmp_path: Path, address: str) -> None:
    with pytest.raises(InvalidArgument, match="other machines could reach the dashboard"):
        Config(tmp_path, dashboard=address)


def test_a_certificate_names_the_hosts_that_lead_to_it(tmp_path: Path) -> None:
    made = run_here(main, ["access", "--host", "data.example.org", "--home", str(tmp_path)], {})
    assert made.returncode == 0
    door = listen("0.0.0.0:0", tmp_path / "access/cert.pem")
    port = door.listener.getsockname()[1]
    door.listener.close()
    assert door.is_secure
    assert door.link == f"https://data.example.org:{port}"
    assert {"data.example.org", "127.0.0.1", "localhost"} <= set(door.hosts)


class Loop:
    """What the server does with a dashboard, step by step."""

    def __init__(self, door: Door, told: dict[str, object]) -> None:
        self.poller = select.poll()
        self.beside = Beside(door, told, self.poller)
        self.now = 0.0

    def step(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.beside.look(self.now)

    @property
    def process(self) -> int | None:
        running = self.beside._running
        return None if running is None else running[0].pid

    def knock(self, link: str) -> int:
        """Start it by a connection, or by one that nobody has answered yet; gives the process."""
        self.step()
        with socket.create_connection(("127.0.0.1", int(link.rpartition(":")[2]))):
            if self.process is None:
                assert self.poller.poll(LIMIT * 1000)
                self.step()
        assert self.process is not None
        return self.process

    def wait_for_end(self) -> None:
        assert self.poller.poll(LIMIT * 1000)
        self.step()


@pytest.fixture
def door() -> Iterator[Door]:
    made = listen("127.0.0.1:0")
    yield made
    made.listener.close()


def told(tmp_path: Path, door: Door, server_address: str) -> dict[str, object]:
    return orders(Config(tmp_path), door, server_address)


def test_its_process_begins_with_the_first_who_comes_and_ends_when_nobody_does(
    tmp_path: Path, door: Door, server_address: str
) -> None:
    loop = Loop(door, {**told(tmp_path, door, server_address), "idle": 0.3})
    loop.step()
    assert loop.process is None
    first = loop.knock(door.link)
    assert ask(door.link) == 200
    loop.wait_for_end()
    assert loop.process is None
    assert loop.knock(door.link) != first
    loop.beside.stop()


def test_one_that_fails_is_begun_again_later_and_later(
    tmp_path: Path, door: Door, server_address: str
) -> None:
    loop = Loop(door, told(tmp_path, door, server_address))
    pauses = []
    for _ in range(3):
        os.kill(loop.knock(door.link), signal.SIGKILL)
        loop.wait_for_end()
        pauses.append(loop.beside._not_before - loop.now)
        loop.step(pauses[-1])
    assert pauses == [1.0, 3.0, 7.0]
    loop.beside.stop()


def test_one_that_ends_before_it_is_told_anything_does_no_harm(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/gone/python")
    loop = Loop(door, {"hosts": ["x" * 1_000_000]})  # no pipe takes so much that nobody reads
    loop.knock(door.link)
    loop.wait_for_end()
    assert (loop.process, loop.beside._not_before) == (None, 1.0)
    loop.beside.stop()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "[::1]"])
def test_the_link_leads_to_the_address_of_this_machine_that_was_chosen(host: str) -> None:
    try:
        door = listen(f"{host}:0")
    except Locked:
        assert host == "[::1]"  # not every machine has it
        return
    with door.listener:
        where = urlsplit(door.link)
        assert where.hostname is not None
        assert where.port is not None
        socket.create_connection((where.hostname, where.port), timeout=LIMIT).close()
        assert f"[{where.hostname}]" in door.hosts or where.hostname in door.hosts


def test_no_token_is_handed_to_it_but_what_knows_one_again(tmp_path: Path, server_address: str) -> None:
    home = tmp_path / "other"
    made = run_here(main, ["access", "--home", str(home)], {})
    assert made.returncode == 0
    folder = home / "access"
    config = Config(
        home,
        tls_cert=folder / "cert.pem",
        tls_key=folder / "key.pem",
        token_file=folder / "token",
        dashboard="127.0.0.1:0",
    )
    door = open_door(config, server_address)
    assert door is not None
    door.listener.close()
    said = orders(config, door, server_address)
    token = (folder / "token").read_text().strip()
    assert token not in str(said)
    assert len(str(said["tokens"])) == len("['']") + 64
    assert (said["free"], said["certificate"]) == (["/metrics"], "")


def test_a_taken_address_is_said_by_its_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Locked):
        dashboard.listen(f"127.0.0.1:{other.getsockname()[1]}")


def test_a_server_that_asks_for_a_token_has_a_dashboard_that_does(home: Path) -> None:
    made = run_here(main, ["access", "--home", str(home)], {})
    assert made.returncode == 0
    link = link_in(up(home, "--token-file", str(home / "access/token")).stdout)
    token = (home / "access/token").read_text().strip()
    assert (ask(link), ask(link, "/metrics")) == (401, 200)
    shown = http.client.HTTPConnection(urlsplit(link).netloc, timeout=LIMIT)
    shown.request("GET", "/index.json", headers={"authorization": f"Bearer {token}"})
    assert shown.getresponse().status == 200
    shown.close()
    [process] = [path for path in children(pid(home)) if b"calf.web" in (path / "cmdline").read_bytes()]
    for name in ("cmdline", "environ"):
        assert token.encode() not in (process / name).read_bytes()
    assert token not in (home / "server.log").read_text()


def children(parent: int) -> list[Path]:
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    return [Path("/proc") / child for path in listed for child in path.read_text().split()]
