"""A server that other machines may reach, as a whole process: our clients, its stages, what it lets out."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from calf.cli.main import main as pachctl
from calf.client.connection import connect
from calf.client.terms import Terms
from calf.daemon.control import down
from calf.daemon.main import main as calf
from calf.kit.errors import Unauthenticated, Unreachable
from calf.wire.messages import debug, google, pfs, pps
from calf.wire.methods import find_method
from tests.in_process import run_here

LIMIT = 60
FILES = {"--tls-cert": "cert.pem", "--tls-key": "key.pem", "--token-file": "token"}

# Is answered by the server at its own port, without TLS and without a token.
SPOUT = """
import os, socket, time
host, port = os.environ["PACHD_ADDRESS"].removeprefix("grpc://").split(":")
with socket.create_connection((host, int(port))) as server:
    server.sendall(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
    print("settings" if server.recv(9)[3] == 4 else "nothing of HTTP/2", flush=True)
for name in os.environ:
    if "token" in name.lower() or "tls" in name.lower():
        print("leaked", name, flush=True)
time.sleep(60)
"""


@dataclass(frozen=True)
class Guarded:
    home: Path
    address: str
    token: str

    @property
    def certificate(self) -> bytes:
        return (self.home / "access" / "cert.pem").read_bytes()

    def terms(self, *tokens: str) -> Terms:
        metadata = tuple(("authn-token", token) for token in tokens)
        return Terms("test", metadata, 20.0, self.certificate)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    home = tmp_path_factory.mktemp("guarded") / "home"
    assert run_here(calf, ["access", "--home", str(home)], {}).returncode == 0
    options = [f"{option}={home / 'access' / name}" for option, name in FILES.items()]
    command = [sys.executable, "-m", "calf.daemon.main", "up", "--home", str(home), "--address", "0.0.0.0:0"]
    told = subprocess.run([*command, *options], capture_output=True, text=True, check=True, timeout=LIMIT)
    port = told.stdout.split("calf is up: 0.0.0.0:")[1].partition(",")[0]
    yield Guarded(home, f"localhost:{port}", (home / "access" / "token").read_text().strip())
    down(home)


def test_pachctl_connects_with_certificate_and_token(guarded: Guarded, tmp_path: Path) -> None:
    env = {"PACH_CONFIG": str(tmp_path / "config.json"), "XDG_CACHE_HOME": str(tmp_path)}
    address = f"grpcs://{guarded.address}"
    trusted = str(guarded.home / "access" / "cert.pem")

    connected = run_here(pachctl, ["connect", address, "--alias", "far"], env)
    assert connected.returncode == 0
    stranger = run_here(pachctl, ["list", "repo"], env)
    assert (stranger.returncode, b"--server-cas-path" in stranger.stderr) == (12, True)

    assert (
        run_here(pachctl, ["config", "update", "context", "--server-cas-path", trusted], env).returncode == 0
    )
    nobody = run_here(pachctl, ["list", "repo"], env)
    assert (nobody.returncode, b"error: no authentication token" in nobody.stderr) == (7, True)
    assert b"pachctl auth use-auth-token" in nobody.stderr

    token = (guarded.home / "access" / "token").read_bytes()
    assert run_here(pachctl, ["auth", "use-auth-token"], env, token).returncode == 0
    assert run_here(pachctl, ["create", "repo", "far"], env).returncode == 0
    assert run_here(pachctl, ["put", "file", "far@master:/f"], env, b"over there").returncode == 0
    assert run_here(pachctl, ["get", "file", "far@master:/f"], env).stdout == b"over there"
    assert (tmp_path / "config.json").stat().st_mode & 0o077 == 0

    assert run_here(pachctl, ["auth", "logout"], env).returncode == 0
    assert run_here(pachctl, ["list", "repo"], env).returncode == 7


def test_whoever_speaks_no_tls_learns_what_is_wrong(guarded: Guarded) -> None:
    port = guarded.address.rpartition(":")[2]
    with (
        connect(f"grpc://127.0.0.1:{port}", Terms(timeout=20.0)) as client,
        pytest.raises(Unreachable) as said,
    ):
        client.grpc.call(find_method("/versionpb_v2.API/GetVersion"), google.Empty())  # not by his own door
    assert said.value.message == f"the server at 127.0.0.1:{port} hangs up on whoever does not speak TLS"


def test_the_same_user_comes_in_by_his_own_door_without_a_token(guarded: Guarded) -> None:
    with connect(guarded.address) as client:
        assert client.local is not None
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name="near")))
    with connect(f"grpcs://{guarded.address}", guarded.terms()) as client, pytest.raises(Unauthenticated):
        client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=pfs.Repo(name="near")))


def test_a_stage_reaches_the_server_by_its_own_way_and_learns_no_token(guarded: Guarded) -> None:
    pipeline = pps.Pipeline(name="spout")
    with connect(f"grpcs://{guarded.address}", guarded.terms(guarded.token)) as client:
        client.pps.CreatePipeline(
            pps.CreatePipelineRequest(
                pipeline=pipeline,
                transform=pps.Transform(image="host", cmd=["python3", "-c", SPOUT]),
                spout=pps.Spout(),
            )
        )
        deadline = time.monotonic() + LIMIT
        while not (said := _said(client, pipeline)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        client.pps.DeletePipeline(pps.DeletePipelineRequest(pipeline=pipeline))
    assert said == ["settings"]


def _said(client: object, pipeline: object) -> list[str]:
    asked = client.pps.GetLogs(pps.GetLogsRequest(pipeline=pipeline))  # type: ignore[attr-defined]
    return [line.message.strip() for line in asked if line.user]


def test_the_token_is_nowhere_but_in_its_file(guarded: Guarded) -> None:
    with connect(f"grpcs://{guarded.address}", guarded.terms(guarded.token[:-1])) as client:
        with pytest.raises(Unauthenticated) as refused:
            client.version.GetVersion(google.Empty())
        assert guarded.token[:16] not in refused.value.message + refused.value.hint
    with connect(f"grpcs://{guarded.address}", guarded.terms(guarded.token)) as client:
        dump = b"".join(piece.value for piece in client.debug.Dump(debug.DumpRequest()))
    pid = (guarded.home / "lock").read_text().strip()
    secret = guarded.token.encode()
    places = {"a dump": gzip.decompress(dump)}
    places |= {name: Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ")}
    places |= {
        str(path): path.read_bytes()
        for path in guarded.home.rglob("*")
        if path.is_file() and path != guarded.home / "access" / "token"
    }
    assert [place for place, data in places.items() if secret in data] == []
