"""Filesets, the cache and the storage's check as clients call them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.rpc import pfs_files, pfs_filesets, pfs_modify_file, pfs_storage, storage_filesets
from calf.rpc.call import Handlers
from calf.rpc.server import RpcServer
from calf.wire.messages import google, storage
from calf.wire.messages import pfs as api
from tests.pfs.world import World

Ask = Callable[..., Any]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.open(tmp_path / "home")
    made.repo("data")
    yield made
    assert made.fsck() == []
    made.pfs.close()


@pytest.fixture
def call(world: World, serve: Callable[[Handlers], RpcServer], ask: Callable[[RpcServer], Ask]) -> Ask:
    modules = (pfs_files, pfs_modify_file, pfs_filesets, pfs_storage, storage_filesets)
    handlers = {name: handler for module in modules for name, handler in module.handlers(world.pfs).items()}
    method = ask(serve(handlers))
    return lambda name, request: method(name if "/" in name else f"/pfs_v2.API/{name}", request)


def add(path: str, data: bytes) -> Any:
    raw = google.BytesValue(value=data)
    return api.ModifyFileRequest(add_file=api.AddFile(path=path, raw=raw))


def commit(text: str, repo: str = "data") -> Any:
    return api.Commit(repo=api.Repo(name=repo, type="user"), id=text)


def failure(ask: Callable[[], Any]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        ask()
    return caught.value.code(), caught.value.details()


def paths(call: Ask, fileset: str) -> list[str]:
    file = api.File(commit=commit(fileset, "__filesets__"), path="/")
    return [info.file.path for info in call("WalkFile", api.WalkFileRequest(file=file))]


def test_a_fileset_s_life(call: Ask, world: World) -> None:
    first = call("CreateFileSet", iter([add("/a", b"x"), add("/b", b"y")])).file_set_id
    call("RenewFileSet", api.RenewFileSetRequest(file_set_id=first, ttl_seconds=60))
    open_commit = world.start("data@master")
    call("AddFileSet", api.AddFileSetRequest(commit=commit(open_commit.id), file_set_id=first))
    world.finish(open_commit)
    for kind in ("TOTAL", "DIFF"):
        request = api.GetFileSetRequest(
            commit=commit("master"), type=api.GetFileSetRequest.FileSetType.Value(kind)
        )
        taken = call("GetFileSet", request).file_set_id
        assert paths(call, taken) == ["/", "/a", "/b"]
    both = call("ComposeFileSet", api.ComposeFileSetRequest(file_set_ids=[first, taken], compact=True))
    shards = call("ShardFileSet", api.ShardFileSetRequest(file_set_id=both.file_set_id, num_files=1)).shards
    assert [(each.lower, each.upper) for each in shards] == [("", "/b"), ("/b", "")]


def test_a_fileset_has_no_commit(call: Ask) -> None:
    requests = [api.ModifyFileRequest(set_commit=commit("master"))]
    assert failure(lambda: call("CreateFileSet", iter(requests)))[1] == "cannot set commit"


def test_a_fileset_that_is_not_there(call: Ask) -> None:
    request = api.RenewFileSetRequest(file_set_id="no", ttl_seconds=60)
    assert failure(lambda: call("RenewFileSet", request)) == (
        grpc.StatusCode.NOT_FOUND,
        "file set no not found",
    )


def test_the_storage_service_does_the_same_with_plain_files(call: Ask) -> None:
    def append(path: str, data: bytes) -> Any:
        file = storage.AppendFile(path=path, data=google.BytesValue(value=data))
        return storage.CreateFilesetRequest(append_file=file)

    def create(*requests: Any) -> str:
        return str(call("/storage.Fileset/CreateFileset", iter(requests)).fileset_id)

    def read(fileset: str, **options: Any) -> list[tuple[str, bytes]]:
        request = storage.ReadFilesetRequest(fileset_id=fileset, **options)
        found = call("/storage.Fileset/ReadFileset", request)
        return [(message.path, message.data.value) for message in found]

    one = create(append("/a/x", b"ex"), append("/b", b"be"), append("/b", b"!"), append("/empty", b""))
    assert read(one) == [("/a/x", b"ex"), ("/b", b"be!"), ("/empty", b"")]
    delete = storage.CreateFilesetRequest(delete_file=storage.DeleteFile(path="/b"))
    copies = [
        storage.CreateFilesetRequest(copy_file=storage.CopyFile(fileset_id=one, src=src, dst=dst))
        for src, dst in (("/a", "/c"), ("/empty", ""), ("/nothing", "/d"))
    ]
    two = create(append("/b", b"2"), delete, *copies)
    assert read(two) == [("/c/x", b"ex"), ("/empty", b"")]
    request = storage.ComposeFilesetRequest(fileset_ids=[one, two], ttl_seconds=60)
    both = call("/storage.Fileset/ComposeFileset", request).fileset_id
    assert [path for path, _ in read(both)] == ["/a/x", "/c/x", "/empty"]
    call("/storage.Fileset/RenewFileset", storage.RenewFilesetRequest(fileset_id=both, ttl_seconds=60))
    request = storage.ShardFilesetRequest(fileset_id=both, num_files=2)
    shards = call("/storage.Fileset/ShardFileset", request).shards
    assert [(each.lower, each.upper) for each in shards] == [("", "/empty"), ("/empty", "")]
    regex = storage.FileFilter(path_regex="^/[ac]/")
    within = storage.FileFilter(path_range=storage.PathRange(lower="/b"))
    assert read(both, filters=[regex, within], empty_files=True) == [("/c/x", b"")]
    bad = storage.FileFilter(path_regex="(")
    assert failure(lambda: read(both, filters=[bad]))[0] is grpc.StatusCode.INVALID_ARGUMENT
    references = storage.ReadFilesetRequest(fileset_id=both)
    code, _ = failure(lambda: list(call("/storage.Fileset/ReadFilesetCDR", references)))
    assert code is grpc.StatusCode.UNIMPLEMENTED


def test_the_cache_keeps_values_until_their_tag_is_cleared(call: Ask) -> None:
    value = google.Any(type_url="type/x", value=b"v")
    for key, tag in (("one", "a/1"), ("two", "a/2"), ("three", "b")):
        call("PutCache", api.PutCacheRequest(key=key, value=value, tag=tag))
    assert call("GetCache", api.GetCacheRequest(key="one")).value == value
    call("ClearCache", api.ClearCacheRequest(tag_prefix="a/"))
    assert call("GetCache", api.GetCacheRequest(key="three")).value == value
    assert failure(lambda: call("GetCache", api.GetCacheRequest(key="one"))) == (
        grpc.StatusCode.NOT_FOUND,
        'key "one" not found in cache',
    )


def test_the_storage_is_counted_and_checked(call: Ask, world: World) -> None:
    world.commit("data@master", "/a", "/b")
    every = list(world.pfs.store.objects())
    whole = api.CheckStorageRequest(read_chunk_data=True)
    assert call("CheckStorage", whole).chunk_object_count == len(every)
    part = api.CheckStorageRequest(chunk_begin=every[0], chunk_end=every[-1])
    assert call("CheckStorage", part).chunk_object_count == len(every) - 1
    pack = next(world.pfs.store._shelf.folder.glob("*.pack"))
    data = bytearray(pack.read_bytes())
    data[len(data) // 3] ^= 1
    whole_again = pack.read_bytes()
    pack.write_bytes(data)
    assert failure(lambda: call("CheckStorage", whole))[0] is grpc.StatusCode.DATA_LOSS
    pack.write_bytes(whole_again)


def test_no_task_runs_apart_from_requests(call: Ask) -> None:
    from calf.wire.messages import taskapi

    assert list(call("ListTask", taskapi.ListTaskRequest())) == []
