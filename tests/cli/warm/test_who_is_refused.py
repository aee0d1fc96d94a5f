"""Where it could not be exactly the same, or is nobody's business, the warm process is no command."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from array import array
from pathlib import Path
from typing import Any

import pytest

from calf.cli.warm import asking, door
from calf.kit.loaded import Loaded
from tests.cli.warm.processes import Pachctl

NOBODY = 65534
REFUSED = 1
"""How a command ends that cannot run by itself."""


def is_refused(pachctl: Pachctl, *words: str, **options: Any) -> bool:
    ended = pachctl.warm(*words, **options)
    assert (b"calf.cli.root" in ended.stderr) == (ended.returncode == REFUSED)
    return ended.returncode == REFUSED


def test_a_command_like_any_other_is_not(both: Pachctl) -> None:
    assert not is_refused(both, "--help")


@pytest.mark.parametrize(
    "words", [("shell",), ("edit", "pipeline", "p"), ("auth", "login"), ("replay", "p@1")]
)
def test_commands_that_need_a_terminal_or_clean_up(both: Pachctl, words: tuple[str, ...]) -> None:
    assert is_refused(both, *words, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("name", ["PYTHONHASHSEED", "PYTHONPATH", "LD_LIBRARY_PATH", "PYTHONWARNINGS"])
def test_another_environment_of_the_interpreter(both: Pachctl, name: str) -> None:
    assert is_refused(
        Pachctl(both.tag, {**both.env, name: f"{os.environ.get(name, '')}:7".removeprefix(":")}), "--help"
    )


@pytest.mark.skipif(os.getuid() != 0, reason="only root can have another group")
def test_another_group(both: Pachctl) -> None:
    assert is_refused(both, "--help", group=NOBODY)


@pytest.mark.parametrize("closing", ["<&-", ">&-", "2>&-"])
def test_closed_streams(both: Pachctl, closing: str) -> None:
    assert both.warm("--help", after=f"exec {closing};").returncode == REFUSED


def test_the_switch(both: Pachctl) -> None:
    assert is_refused(Pachctl(door.OFF, both.env), "--help")


AS_NOBODY = f"""
import os, sys
from _socket import AF_UNIX, SOCK_SEQPACKET, socket
from calf.cli.warm import door
name = door.name(sys.argv[1])
connection = socket(AF_UNIX, SOCK_SEQPACKET)
if sys.argv[2:]:
    connection.bind(name)
os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
"""
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")


@needs_root
def test_another_user_is_let_in_by_nobody(both: Pachctl) -> None:
    script = f"{AS_NOBODY}connection.connect(name); print(door.peer(connection), connection.recv(1))"
    ended = subprocess.run([sys.executable, "-c", script, both.tag], capture_output=True, check=True)
    assert ended.stdout == b"0 b''\n"


@needs_root
def test_nothing_is_handed_to_another_users_process(both: Pachctl) -> None:
    script = (
        f"{AS_NOBODY}connection.listen(); print(flush=True)\n"
        "from _socket import socket as made; descriptor, _ = connection._accept()\n"
        "print(made(AF_UNIX, SOCK_SEQPACKET, 0, descriptor).recv(1))"
    )
    command = [sys.executable, "-c", script, "another", "binds"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as another:
        assert another.stdout is not None
        another.stdout.readline()
        assert is_refused(Pachctl("another", both.env), "--help")
        assert another.stdout.read() == b"b''\n"


@pytest.mark.parametrize("message", [b"", b"nonsense", b"\xfb" * 64])
def test_a_request_that_is_none_harms_nobody(both: Pachctl, message: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(door.name(both.tag))
        along = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [0, 0, 0, 0]))] if message else []
        connection.sendmsg([message or b"x"], along)
        assert connection.recv(2) == door.DECLINED
    assert not is_refused(both, "--help")


@pytest.mark.parametrize("reads", [True, False])
def test_a_client_that_asks_and_does_not_go_on_has_begun_nothing(both: Pachctl, reads: bool) -> None:
    words = ["pachctl", "config", "set", "active-context", "none"]
    script = (
        "import _socket, os, select, sys; from calf.cli.warm import asking, door;"
        "connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET);"
        "connection.connect(door.name(os.environ['CALF_WARM']));"
        f"asking._send_request(connection, {words!r}, asking._streams());"
        "answer = select.poll(); answer.register(connection, select.POLLIN); answer.poll();"
        f"handle = asking._receive_handle(connection) if {reads} else 0;"
        "connection.close();"
        "child = select.poll(); child.register(handle); handle and child.poll();"
        "print(handle > 0)"
    )
    ended = subprocess.run(  # until the child has ended, too: it has the same streams
        [sys.executable, "-c", script],
        capture_output=True,
        env=both.environment(both.tag),
        check=True,
    )
    assert (ended.stdout, ended.stderr) == (f"{reads}\n".encode(), b"")
    assert asking.SECONDS < 5


def test_changed_code_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("old = 1\n")
    found = file.stat()
    look = (found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size)
    loaded = Loaded({str(file): look})
    assert loaded.is_current()
    os.utime(file, ns=(0, 0))
    assert not loaded.is_current()
    file.unlink()
    assert not loaded.is_current()
