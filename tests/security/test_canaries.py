"""Unique values are put into every channel; then everything that is kept or shown is searched for them.

What is promised, and where a value may stand, is in docs/design/secrets.md. Canaries in parameters are in
tests/stagekit/config/test_secrets_of_parameters.py, those in the report in tests/stagekit/report.
"""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
import tarfile
import uuid
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest

from calf.cli.main import main
from calf.client.connection import connect
from calf.client.terms import Terms
from calf.daemon.control import down
from calf.kit.errors import CalfError
from calf.storage.store import Store
from calf.wire.messages import pfs
from tests.in_process import run_here

LIMIT = 120.0


def canary(channel: str) -> str:
    """A value that is nowhere else; with a slash and an equals sign, which some encodings change."""
    return f"canary/{channel}={uuid.uuid4().hex}"


SERVER, AWS, TOKEN = canary("server"), canary("aws"), canary("token")
WEB, BUCKET, EGRESS = canary("web"), canary("bucket"), canary("egress")
VARIABLE, MOUNTED, GONE = canary("variable"), canary("mounted"), canary("gone")
SPEC = canary("spec")

# Prints what it was given in every way that people print, fails with it, and leaves none of it in its output.
STAGE = """
import base64, json, os, sys, urllib.parse
given = [os.environ["WORD"], open("/run/words/mounted").read().strip()]
print(dict(os.environ))
for value in given:
    print(value, repr(value), json.dumps(value), urllib.parse.quote(value, safe=""))
    print(base64.b64encode(value.encode()).decode(), file=sys.stderr)
open("/pfs/out/done", "w").write(str(sorted(os.environ)))
if sys.argv[1:]:
    raise RuntimeError(f"login failed with {given}")
"""
SECRETS = [
    {"name": "words", "key": "variable", "env_var": "WORD"},
    {"name": "words", "mount_path": "/run/words"},
]


@dataclass
class Server:
    """A server in a process of its own, with canaries in its environment, and all that it said."""

    home: Path
    address: str = ""
    said: list[bytes] = field(default_factory=list)

    def pachctl(self, *words: str, given: str = "", ok: bool = True) -> bytes:
        env = {"PACHD_ADDRESS": self.address, "PACH_CONFIG": str(self.home) + ".json"}
        ended = run_here(main, words, env, given.encode())
        assert (ended.returncode == 0) == ok, (words, ended)
        self.said.append(ended.stdout + ended.stderr)
        return ended.stdout

    def up(self) -> None:
        env = {"A_VARIABLE": SERVER, "AWS_SECRET_ACCESS_KEY": AWS, "AWS_ACCESS_KEY_ID": "id"}
        env["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
        command = [sys.executable, "-m", "calf.daemon.main", "up", "--address", "127.0.0.1:0"]
        ended = subprocess.run(
            [*command, "--home", str(self.home)],
            capture_output=True,
            check=True,
            timeout=LIMIT,
            env={**os.environ, **env},
        )
        self.said.append(ended.stdout + ended.stderr)
        self.address = (self.home / "address").read_text().split()[1]

    def pipeline(self, name: str, *arguments: str, **more: object) -> dict[str, object]:
        transform: dict[str, object] = {"image": "host", "cmd": ["python3", "-c", STAGE, *arguments]}
        transform |= {"secrets": SECRETS, "env": {"SERVICE_PASSWORD": SPEC}}
        spec = {
            "pipeline": {"name": name},
            "transform": transform,
            "input": {"pfs": {"repo": "in", "glob": "/*"}},
        }
        return {**spec, "datum_tries": "1", **more}


@dataclass(frozen=True)
class Kept:
    """Everything that could be found after the server was used: what it said, wrote and stored."""

    home: Path
    said: Mapping[str, bytes]
    files: Mapping[str, bytes]
    objects: bytes

    def places(self, value: str) -> set[str]:
        """Where a value is, plain or as base64."""
        forms = (value.encode(), b64encode(value.encode()), json.dumps(value)[1:-1].encode())
        everything = {**self.said, **self.files, "objects": self.objects}
        return {place for place, data in everything.items() if any(form in data for form in forms)}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """All channels used once, then everything read back."""
    home = tmp_path_factory.mktemp("canaries") / "home"
    server = Server(home)
    try:
        server.up()
        use(server)
        said = ask(server)
    finally:
        down(home)
    files = {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    store = Store.open(home / "storage")
    objects = b"".join(store.get(name) for name in store.objects())
    store.close()
    return Kept(home, said, files, objects)


def use(server: Server) -> None:
    """Put each canary into its channel, while the server logs all that it can."""
    server.pachctl("debug", "log-level", "debug", "-d", "10m")
    for name, data in (("words", {"variable": VARIABLE, "mounted": MOUNTED}), ("old", {"word": GONE})):
        document = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}
        server.pachctl("create", "secret", "-f", "-", given=json.dumps(document))
    server.pachctl("delete", "secret", "old")
    server.pachctl("create", "repo", "in")
    server.pachctl("put", "file", "in@master:/a", "-f", "-", given="a")
    server.pachctl("create", "pipeline", "-f", "-", given=json.dumps(server.pipeline("good")))
    server.pachctl("create", "pipeline", "-f", "-", given=json.dumps(server.pipeline("bad", "fail")))
    egress = {"URL": f"s3://key:{EGRESS}@bucket/x"}
    refused = json.dumps(server.pipeline("out", egress=egress))
    server.pachctl("create", "pipeline", "-f", "-", given=refused, ok=False)
    for url in (f"https://user:{WEB}@127.0.0.1:1/x", f"s3://key:{BUCKET}@bucket/x", "s3://bucket/x"):
        server.pachctl("put", "file", "in@master:/b", "-f", url, ok=False)
    with connect(server.address, Terms(metadata=(("authn-token", TOKEN),))) as client:
        list(client.pfs.ListRepo(pfs.ListRepoRequest(type="user")))
        with pytest.raises(CalfError):
            client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=pfs.Repo(name="none")))
    for pipeline in ("good", "bad"):
        server.pachctl("wait", "commit", f"{pipeline}@master", ok=pipeline == "good")


def ask(server: Server) -> dict[str, bytes]:
    """Everything that can be asked for."""
    said = {f"said {number}": text for number, text in enumerate(server.said)}
    commands = [
        "list pipeline --raw",
        "list job --raw",
        "list repo --raw",
        "list secret",
        "inspect secret words",
    ]
    for name in ("good", "bad"):
        commands += [
            f"logs -p {name} --raw",
            f"inspect pipeline {name} --raw",
            f"list datum {name}@master --raw",
        ]
        commands += [f"inspect commit {name}@master --raw", f"list file {name}.meta@master:/ --raw"]
    commands += ["replay good@master", "attest good@master"]
    said |= {each: server.pachctl(*each.split()) for each in commands}
    dump = server.home.with_name("dump.tgz")
    server.pachctl("debug", "dump", str(dump))
    with tarfile.open(fileobj=BytesIO(gzip.decompress(dump.read_bytes()))) as tar:
        said["dump"] = b"".join(tar.extractfile(each).read() for each in tar if each.isfile())  # type: ignore[union-attr]
    proof = json.loads(said["attest good@master"])
    said["statements"] = b"".join(_payload(each) for each in [*proof["statements"], proof["summary"]])
    return said


def _payload(envelope: Mapping[str, str]) -> bytes:
    return b64decode(envelope["payload"])


def test_the_stages_ran_and_said_what_they_were_given(kept: Kept) -> None:
    """Else the other tests would find nothing because there is nothing."""
    assert b"'WORD': '***'" in kept.said["logs -p good --raw"].replace(b'\\"', b'"')
    assert b"RuntimeError: login failed with ['***', '***']" in kept.said["logs -p bad --raw"]
    assert b"done" in kept.objects


@pytest.mark.parametrize(
    "value",
    [SERVER, AWS, TOKEN, WEB, BUCKET, EGRESS],
    ids=["server", "aws", "token", "web", "bucket", "egress"],
)
def test_the_servers_environment_tokens_and_passwords_of_urls_are_nowhere(kept: Kept, value: str) -> None:
    assert kept.places(value) == set()


@pytest.mark.parametrize("value", [VARIABLE, MOUNTED], ids=["variable", "mounted"])
def test_a_secret_is_in_the_private_database_and_nowhere_else(kept: Kept, value: str) -> None:
    places = kept.places(value)
    assert places
    assert places <= {"metadata.sqlite", "metadata.sqlite-wal"}
    for place in places:
        assert stat.S_IMODE((kept.home / place).stat().st_mode) == 0o600


def test_a_secret_that_was_deleted_is_nowhere(kept: Kept) -> None:
    assert kept.places(GONE) == set()


def test_the_plain_environment_of_a_spec_is_data_but_no_statement_publishes_it(kept: Kept) -> None:
    places = kept.places(SPEC)
    assert "inspect pipeline good --raw" in places
    assert not places & {"attest good@master", "statements", "server.log"}
    assert b"SERVICE_PASSWORD" in kept.said["statements"]
    assert b"(withheld)" in kept.said["statements"]
