"""File calls as a client makes them."""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.rpc import pfs_files, pfs_modify_file
from calf.rpc.call import Call, Handlers
from calf.rpc.pieces import Piece
from calf.rpc.server import RpcServer
from calf.wire.messages import google
from calf.wire.messages import pfs as api
from calf.wire.methods import load_methods
from tests.pfs.world import World

Ask = Callable[..., Any]
MIB = 1 << 20


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.open(tmp_path / "home")
    made.repo("data")
    yield made
    assert made.fsck() == []
    made.pfs.close()


@pytest.fixture
def call(world: World, serve: Callable[[Handlers], RpcServer], ask: Callable[[RpcServer], Ask]) -> Ask:
    handlers = {**pfs_files.handlers(world.pfs), **pfs_modify_file.handlers(world.pfs)}
    method = ask(serve(handlers))
    return lambda name, request, **kwargs: method(f"/pfs_v2.API/{name}", request, **kwargs)


def commit(name: str = "master") -> Any:
    repo = api.Repo(name="data", type="user")
    return api.Commit(repo=repo, branch=api.Branch(repo=repo, name=name))


def file(path: str, name: str = "master") -> Any:
    return api.File(commit=commit(name), path=path)


def add(path: str, data: bytes, datum: str = "") -> Any:
    raw = google.BytesValue(value=data)
    return api.ModifyFileRequest(add_file=api.AddFile(path=path, datum=datum, raw=raw))


def delete(path: str) -> Any:
    return api.ModifyFileRequest(delete_file=api.DeleteFile(path=path))


def modify(call: Ask, *requests: Any) -> None:
    call("ModifyFile", iter([api.ModifyFileRequest(set_commit=commit()), *requests]))


def read(call: Ask, path: str, offset: int = 0) -> bytes:
    return b"".join(m.value for m in call("GetFile", api.GetFileRequest(file=file(path), offset=offset)))


def failure(run: Callable[[], Any]) -> tuple[Any, str]:
    with pytest.raises(grpc.RpcError) as caught:
        run()
    error: Any = caught.value
    return error.code(), error.details()


def test_pieces_of_a_file_come_together_and_go_out_in_messages_of_two_mebibytes(call: Ask) -> None:
    data = bytes(range(251)) * 25_000
    modify(call, delete("/f"), *(add("/f", data[at : at + MIB]) for at in range(0, len(data), MIB)))
    messages = [m.value for m in call("GetFile", api.GetFileRequest(file=file("/f")))]
    assert b"".join(messages) == data
    assert 1 < len(messages) <= 4
    assert max(map(len, messages)) <= 2 * MIB
    assert read(call, "/f", offset=len(data) - 5) == data[-5:]


def test_an_empty_file_is_made_and_read_as_one_empty_message(call: Ask) -> None:
    modify(call, add("/empty", b""))
    [message] = call("GetFile", api.GetFileRequest(file=file("/empty")))
    assert message.value == b""
    assert call("InspectFile", api.InspectFileRequest(file=file("/empty"))).size_bytes == 0


def test_records_carry_commit_type_size_hash_and_time(call: Ask, world: World) -> None:
    modify(call, add("/d/f", b"12345"))
    info = call("InspectFile", api.InspectFileRequest(file=file("/d/f")))
    head = world.info("data@master")
    assert (info.file.path, info.file.commit.id, info.file.datum) == ("/d/f", head.commit.id, "default")
    assert (info.file_type, info.size_bytes, len(info.hash)) == (api.FileType.Value("FILE"), 5, 32)
    assert info.committed.seconds == int(head.finishing)
    [folder] = call("ListFile", api.ListFileRequest(file=file("/")))
    assert (folder.file.path, folder.file_type) == ("/d/", api.FileType.Value("DIR"))


def test_records_of_files_name_the_branch_that_their_commit_was_made_on(call: Ask) -> None:
    modify(call, add("/f", b"1"))
    modify(call, add("/f", b"2"))
    [change, *_] = call("DiffFile", api.DiffFileRequest(new_file=file("/f")))
    found = [change.new_file, change.old_file, call("InspectFile", api.InspectFileRequest(file=file("/f")))]
    found += call("ListFile", api.ListFileRequest(file=file("/", "master^")))
    found += call("WalkFile", api.WalkFileRequest(file=file("/")))
    found += call("GlobFile", api.GlobFileRequest(commit=commit(), pattern="*"))
    assert len(found) == 7
    assert {info.file.commit.branch.name for info in found} == {"master"}


def test_listings_answer_as_the_engine_does(call: Ask) -> None:
    modify(call, *(add(f"/n/{n}", b"x") for n in range(5)))

    def paths(name: str, request: Any) -> list[str]:
        return [info.file.path for info in call(name, request)]

    page = api.ListFileRequest(file=file("/n"), paginationMarker=file("/n/3"), number=2, reverse=True)
    assert paths("ListFile", page) == ["/n/2", "/n/1"]
    assert paths("WalkFile", api.WalkFileRequest(file=file("/"))) == [
        "/",
        "/n/",
        *(f"/n/{n}" for n in range(5)),
    ]
    assert paths("GlobFile", api.GlobFileRequest(commit=commit(), pattern="/n/[34]")) == ["/n/3", "/n/4"]


def test_diff_defaults_to_the_parent_and_takes_another_file(call: Ask) -> None:
    modify(call, add("/a", b"1"))
    modify(call, add("/b", b"2"))

    def diff(request: Any) -> list[tuple[str, str]]:
        return [(m.new_file.file.path, m.old_file.file.path) for m in call("DiffFile", request)]

    assert diff(api.DiffFileRequest(new_file=file("/"))) == [("/", "/"), ("/b", "")]
    assert diff(api.DiffFileRequest(new_file=file("/b"), old_file=file("/a"))) == [("", "/a"), ("/b", "")]
    assert diff(api.DiffFileRequest(new_file=file("/"), old_file=file("/"))) == []


def test_an_archive_holds_the_files(call: Ask) -> None:
    modify(call, add("/d/f", b"12345"))
    data = b"".join(m.value for m in call("GetFileTAR", api.GetFileRequest(file=file("/"))))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert [m.name for m in archive.getmembers() if m.isreg()] == ["/d/f"]


def test_copies_between_branches_need_no_bytes(call: Ask, world: World) -> None:
    modify(call, add("/d/f", b"12345"))
    request = api.ModifyFileRequest(copy_file=api.CopyFile(dst="/e", src=file("/d")))
    call("ModifyFile", iter([api.ModifyFileRequest(set_commit=commit("other")), request]))
    assert world.files("data@other") == ["/e/f"]


@pytest.mark.parametrize(
    ("requests", "text"),
    [
        ([], "first message must be a commit"),
        ([add("/f", b"")], "first message must be a commit"),
        (
            [api.ModifyFileRequest(set_commit=commit())] * 2,
            "cannot set commit: it was set by the first message",
        ),
        (
            [api.ModifyFileRequest(set_commit=commit()), add("/ok", b"x"), add("/../f", b"x")],
            "path (/../f) invalid: relative file paths are not allowed",
        ),
        (
            [
                api.ModifyFileRequest(set_commit=commit()),
                api.ModifyFileRequest(
                    add_file=api.AddFile(path="/f", url=api.AddFile.URLSource(URL="ftp://x"))
                ),
            ],
            'error retrieving content from "ftp://x": cannot open ftp://x: unknown kind of URL',
        ),
    ],
)
def test_a_stream_that_makes_no_sense_changes_nothing(
    call: Ask, world: World, requests: list[Any], text: str
) -> None:
    assert failure(lambda: call("ModifyFile", iter(requests)))[1] == text
    assert world.log("data") == []


def test_missing_files_and_branches_are_said_in_words_that_clients_match(call: Ask, world: World) -> None:
    modify(call, add("/f", b"x"))
    head = world.head("data@master")
    assert failure(lambda: call("InspectFile", api.InspectFileRequest(file=file("/nope")))) == (
        grpc.StatusCode.NOT_FOUND,
        f"file /nope not found in repo default/data at commit {head.id}",
    )
    assert failure(lambda: list(call("GetFile", api.GetFileRequest(file=file("/f", "nope"))))) == (
        grpc.StatusCode.NOT_FOUND,
        'branch "nope" not found in repo default/data',
    )


def test_a_client_that_dies_in_mid_stream_leaves_nothing(
    world: World, serve: Callable[[Handlers], RpcServer]
) -> None:
    opened = world.start("data@master")
    arrived, hung, over = threading.Event(), threading.Event(), threading.Event()

    def requests() -> Iterator[Any]:
        yield api.ModifyFileRequest(set_commit=commit())
        yield add("/a", bytes(3 * MIB))
        yield add("/b", b"b")
        hung.wait(20)

    def handler(stream: Iterator[Any], call: Call) -> Any:
        def watched() -> Iterator[Any]:
            for request in stream:
                yield request
                if not isinstance(request, Piece) and request.add_file.path == "/b":
                    arrived.set()

        try:
            return pfs_modify_file.modify_file(world.pfs, watched(), call)
        finally:
            over.set()

    method = load_methods()["/pfs_v2.API/ModifyFile"]
    server = serve({method.path: handler})
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stub = channel.stream_unary(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        future = stub.future(requests())
        assert arrived.wait(20)
        future.cancel()
        assert over.wait(20)
        hung.set()
    assert world.files(opened) == []
    assert list(world.pfs.store.objects()) == []
    world.finish(opened)
