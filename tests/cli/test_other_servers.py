"""pachctl against a server that is not calf: without our calls, and without our fields in its answers."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.wire.messages import Message
from calf.wire.methods import find_method
from tests.cli.conftest import Pachctl

LONGEST = 60
SPEC = """\
pipeline: {name: copy}
transform: {image: host, cmd: [sh], stdin: ["cp /pfs/in/* /pfs/out/", "echo done"]}
input: {pfs: {repo: in, glob: /*}}
"""


class Stranger(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """Hands all calls but ours on to a server of ours, and takes what is ours out of the answers."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    def service(self, details: Any) -> Any:
        """The handler of a call; None for what it does not know."""
        path = details.method
        if path.startswith("/calf"):
            return None

        def hand_on(requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
            along = [pair for pair in context.invocation_metadata() if pair[0] == "pach-transaction"]
            left = min(context.time_remaining() or LONGEST, LONGEST)
            try:
                for answer in self._channel.stream_stream(path)(requests, metadata=along, timeout=left):
                    yield _foreign(find_method(path).response.FromString(answer), path)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())

        return grpc.stream_stream_rpc_method_handler(hand_on)


def _foreign(answer: Message, path: str) -> bytes:
    _strip(answer)
    if path.endswith("/GetVersion"):
        answer.additional = ""
    data: bytes = answer.SerializeToString()
    return data


def _strip(message: Message) -> None:
    for field, value in message.ListFields():
        if field.name == "calf":
            message.ClearField(field.name)
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for part in value if field.is_repeated else [value]:
                _strip(part)


@pytest.fixture
def stranger(pachctl: Pachctl, server_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pachctl]:
    with grpc.insecure_channel(server_address.rpartition("/")[2]) as channel, ThreadPoolExecutor(8) as pool:
        server = grpc.server(pool, handlers=(Stranger(channel),))
        monkeypatch.setenv("PACHD_ADDRESS", f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
        server.start()
        yield pachctl
        server.stop(None).wait()


def test_what_pachyderm_has_needs_nothing_of_ours(stranger: Pachctl, answer: Any, tmp_path: Path) -> None:
    spec = tmp_path / "copy.yaml"
    spec.write_text(SPEC)
    assert [row[1].endswith("-calf") for row in stranger("version").rows] == [True, False]
    stranger("create", "repo", "in")
    answer("x")
    stranger("put", "file", "in@master:/a")
    stranger("create", "pipeline", "-f", str(spec))
    stranger("wait", "commit", "copy@master")
    job = stranger("list", "job", "-p", "copy").rows[0][2]
    assert stranger("get", "file", "copy@master:/a").out == "x"
    assert stranger("logs", "-p", "copy").out == "done\n"
    assert "Made By Job: copy@" in stranger("inspect", "commit", "copy@master").out
    for kind, name in (("job", f"copy@{job}"), ("pipeline", "copy")):
        shown = stranger("inspect", kind, name).out
        assert "Image:" not in shown
        assert "Transform:" in shown
    (datum,) = stranger("list", "datum", f"copy@{job}").rows
    assert "State: success" in stranger("inspect", "datum", f"copy@{job}", datum[0]).out
    for words in (["update", "pipeline", "-f", str(spec)], ["rerun", "pipeline", "copy"]):
        updated = stranger(*words)
        assert (updated.out, updated.err) == ("", "")
    assert "copy" in stranger("draw", "pipeline").out
    stranger("delete", "file", "in@master:/a")
    stranger("delete", "pipeline", "copy")


def test_a_commit_goes_to_another_server_and_back(stranger: Pachctl, answer: Any, tmp_path: Path) -> None:
    there, back = tmp_path / "there.tar", tmp_path / "back.tar"
    for repo in ("in", "copy"):
        stranger("create", "repo", repo)
    answer("x" * 3_000_000)
    stranger("put", "file", "in@master:/a/b")
    stranger("export", "in@master", "--to", str(there))
    stranger("import", str(there), "copy@master")
    stranger("export", "copy@master", "--to", str(back))
    assert _manifest(there)[0] == _manifest(back)[0]


def _manifest(archive: Path) -> list[bytes]:
    with tarfile.open(archive) as tar:
        return list(tar.extractfile("manifest.jsonl") or ())


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (["plan", "copy"], "`pachctl list datum -f SPEC`"),
        (["why", "copy@master:/a"], "`pachctl inspect file`"),
        (["run", "pipeline", "copy", "in@master"], "`pachctl create branch REPO@BRANCH --head REPO@COMMIT`"),
        (["debug", "datum", "copy@1", "2"], "`pachctl get file -r copy.meta@1:/pfs/2 -o DIR`"),
    ],
)
def test_what_is_ours_says_so_and_what_helps_there(stranger: Pachctl, words: list[str], instead: str) -> None:
    ended = stranger(*words, code=1)
    assert "error: this server does not know `" in ended.err
    assert instead in ended.err
