"""The conformance scenarios: one server for each pytest worker, driven by clients that we did not write.

These tests run in the environments of the foreign clients, with our server as another process; `make
conformance-test` does it. Names begin with the number of the scenario. The server uses Pachyderm's datum
identity (`--datum-identity pachyderm`), so that its rules of skipping hold to the letter.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv" / "bin"
START_SECONDS = 30.0
ACCESS = {"tls-cert": "cert.pem", "tls-key": "key.pem", "token-file": "token"}


@pytest.fixture(scope="session")
def pachd_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server that most scenarios share."""
    return tmp_path_factory.mktemp("calf")


@pytest.fixture(scope="session")
def pachd(pachd_home: Path) -> Iterator[str]:
    """A server on a free port and a fresh folder; its address."""
    with _server(pachd_home) as address:
        yield address


@pytest.fixture
def open_folder(pachd_home: Path) -> Path:
    """A folder that clients of that server may read and write by file:// URLs."""
    return pachd_home / "open"


@pytest.fixture
def own_pachd(tmp_path: Path) -> Iterator[str]:
    """A server for one scenario alone, which may do with it what it likes; its address."""
    with _server(tmp_path) as address:
        yield address


@dataclass(frozen=True)
class Guarded:
    """A server that speaks TLS only and asks for a token."""

    address: str
    certificate: bytes
    token: str = field(repr=False)

    def config(self, folder: Path) -> Path:
        """A configuration of clients, as `pachctl` writes it."""
        file = folder / "guarded.json"
        context = {
            "pachd_address": f"grpcs://{self.address}",
            "server_cas": b64encode(self.certificate).decode(),
            "session_token": self.token,
        }
        document = {"v2": {"active_context": "guarded", "contexts": {"guarded": context}}}
        file.write_text(json.dumps(document))
        return file


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server that other machines could reach, as its owner makes one."""
    home = tmp_path_factory.mktemp("guarded")
    made = [BIN / "calf", "access", "--home", home / "data"]
    subprocess.run(made, check=True, capture_output=True)
    access = home / "data" / "access"
    options = [f"--{option}={access / name}" for option, name in ACCESS.items()]
    with _server(home, "0.0.0.0:0", *options) as address:
        port = address.rpartition(":")[2]
        certificate, token = (access / "cert.pem").read_bytes(), (access / "token").read_text().strip()
        yield Guarded(f"localhost:{port}", certificate, token)


@contextmanager
def _server(home: Path, at: str = "127.0.0.1:0", *more: str) -> Iterator[str]:
    log = (home / "output").open("wb")
    (home / "open").mkdir()
    options = ["--home", str(home / "data"), "--address", at, "--datum-identity", "pachyderm"]
    options += ["--folder", str(home / "open"), *more]
    server = subprocess.Popen(
        [BIN / "calf", "serve", "--workers", "4", *options], stdout=log, stderr=subprocess.STDOUT
    )
    try:
        yield _address(server, home / "data" / "address", home / "output")
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _address(server: subprocess.Popen[bytes], file: Path, output: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while not (file.exists() and file.read_text().strip()):
        assert server.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.02)
    return file.read_text().split()[-1]


@pytest.fixture
def project_name() -> str:
    """A name of a project that no other scenario has."""
    return "p" + uuid.uuid4().hex[:12]


@pytest.fixture(scope="session")
def pachctl_forks() -> Iterator[Callable[[dict[str, object]], int]]:
    """A process that runs pachctl when asked, see there; gives the exit code."""
    command = [BIN / "python", Path(__file__).with_name("pachctl_forks.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        questions, answers = process.stdin, process.stdout

        def ask(request: dict[str, object]) -> int:
            print(json.dumps(request), file=questions, flush=True)
            return int(answers.readline())

        yield ask


@pytest.fixture
def pachctl(
    pachd: str, tmp_path: Path, pachctl_forks: Callable[[dict[str, object]], int]
) -> Callable[..., str]:
    """Runs our pachctl, each time in a process of its own, and gives what it printed; it fails unless the
    exit code is `code`."""
    environment = {
        **os.environ,
        "PACHD_ADDRESS": f"grpc://{pachd}",
        "PACH_CONFIG": str(tmp_path / "config.json"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "NO_COLOR": "1",
    }
    streams = tmp_path / "streams"
    streams.mkdir()

    def run(*arguments: str, stdin: str = "", code: int = 0, cwd: Path = tmp_path) -> str:
        (streams / "stdin").write_text(stdin)
        ended = pachctl_forks(
            {
                "arguments": [str(argument) for argument in arguments],
                "environment": environment,
                "folder": str(streams),
                "cwd": str(cwd),
            }
        )
        stdout, stderr = (streams / "stdout").read_text(), (streams / "stderr").read_text()
        assert ended == code, f"exit {ended}\n{stdout}\n{stderr}"
        return stdout if code == 0 else stdout + stderr

    return run
