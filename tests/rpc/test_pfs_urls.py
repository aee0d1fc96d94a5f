"""What clients have the server read from URLs and write to them: ModifyFile, GetFile, GetFileTAR, Egress."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.rpc import pfs_egress, pfs_files, pfs_modify_file
from calf.rpc.call import Handlers
from calf.rpc.server import RpcServer
from calf.storage.remote import Remotes
from calf.wire.messages import pfs as api
from tests.pfs.world import World

Ask = Callable[..., Any]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


@pytest.fixture
def world(tmp_path: Path, outside: Path) -> Iterator[World]:
    made = World.open(tmp_path / "home")
    made.repo("data")
    made.commit("data@master", "/a", "/b/c", "/b/d")
    yield replace(made, pfs=replace(made.pfs, remotes=Remotes(folders=(outside,))))
    assert made.fsck() == []
    made.pfs.close()


@pytest.fixture
def call(world: World, serve: Callable[[Handlers], RpcServer], ask: Callable[[RpcServer], Ask]) -> Ask:
    modules = (pfs_files, pfs_modify_file, pfs_egress)
    handlers = {name: handler for module in modules for name, handler in module.handlers(world.pfs).items()}
    method = ask(serve(handlers))
    return lambda name, request: method(f"/pfs_v2.API/{name}", request)


def file(path: str) -> Any:
    return api.File(commit=commit(), path=path)


def commit(name: str = "master") -> Any:
    return api.Commit(repo=api.Repo(name="data", type="user"), id=name)


def failure(ask: Callable[[], Any]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        ask()
    return caught.value.code(), caught.value.details()


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def members(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return tar.getnames()


def test_a_file_is_fetched(call: Ask, world: World, outside: Path) -> None:
    (outside / "x").write_bytes(b"ex")
    url = api.AddFile.URLSource(URL=f"file://{outside}/x", concurrency=2000)
    requests = [
        api.ModifyFileRequest(set_commit=commit()),
        api.ModifyFileRequest(add_file=api.AddFile(path="/x", url=url)),
        api.ModifyFileRequest(add_file=api.AddFile(path="/x", url=url)),
    ]
    call("ModifyFile", iter(requests))
    pieces = call("GetFile", api.GetFileRequest(file=file("/x")))
    assert b"".join(piece.value for piece in pieces) == b"exex"


@pytest.mark.parametrize("method", ["GetFile", "GetFileTAR"])
def test_files_are_written_out_and_nothing_is_sent_but_that_it_is_done(
    call: Ask, outside: Path, method: str
) -> None:
    request = api.GetFileRequest(
        file=file("/b"), URL=f"file://{outside}", path_range=api.PathRange(lower="/b/d")
    )
    sent = b"".join(piece.value for piece in call(method, request))
    assert below(outside) == ["b/d"]
    if method == "GetFileTAR":
        assert members(sent) == []
    else:
        assert sent == b""


def test_an_archive_of_a_range_of_paths(call: Ask) -> None:
    request = api.GetFileRequest(file=file("/"), path_range=api.PathRange(lower="/b", upper="/b/d"))
    sent = b"".join(piece.value for piece in call("GetFileTAR", request))
    assert members(sent) == ["/b", "/b/c"]


def test_egress_copies_the_whole_commit(call: Ask, outside: Path) -> None:
    target = api.ObjectStorageEgress(url=f"file://{outside}/to")
    result = call("Egress", api.EgressRequest(commit=commit(), object_storage=target))
    assert result.object_storage.bytes_written == len("/a/b/c/b/d")
    assert below(outside) == ["to/a", "to/b/c", "to/b/d"]


def test_egress_elsewhere_is_refused_with_the_reason(call: Ask) -> None:
    def egress(**target: Any) -> tuple[grpc.StatusCode, str]:
        return failure(lambda: call("Egress", api.EgressRequest(commit=commit(), **target)))

    closed = api.ObjectStorageEgress(url="file:///etc")
    code, text = egress(object_storage=closed)
    assert code is grpc.StatusCode.PERMISSION_DENIED
    assert text.startswith("may not open file:///etc: /etc is in no folder that this server opens")
    assert egress(sql_database=api.SQLDatabaseEgress(url="postgres://x"))[0] is grpc.StatusCode.UNIMPLEMENTED
    assert egress()[0] is grpc.StatusCode.INVALID_ARGUMENT
