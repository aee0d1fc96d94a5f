"""A long piece of a file is taken out of a message where it lies, and means what the library reads in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.client.connection import connect
from calf.model.content import DEFAULT_TAG
from calf.model.errors import InvalidArgument
from calf.model.refs import FILESETS_REPO
from calf.pfs.files import AddFile, DeleteFile, PutFiles
from calf.rpc.pfs_modify_file import read_ops
from calf.rpc.pieces import LONG, Piece, find_piece
from calf.wire.messages import google, pfs
from calf.wire.methods import find_method

DATA = bytes(range(256)) * 3


def add(path: str, data: bytes | None = DATA, datum: str = "") -> Any:
    raw = None if data is None else google.BytesValue(value=data)
    return pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, datum=datum, raw=raw))


@given(st.text(max_size=300), st.text(max_size=5), st.binary(max_size=20_000))
def test_a_piece_is_what_the_message_says(path: str, datum: str, data: bytes) -> None:
    message = add(path, data, datum)
    piece = find_piece(message.SerializeToString())
    assert (piece is None) == (not data)
    if piece is not None:
        assert (piece.path, piece.datum, bytes(piece.value)) == (path, datum, data)


@pytest.mark.parametrize(
    "message",
    [
        pfs.ModifyFileRequest(),
        pfs.ModifyFileRequest(set_commit=pfs.Commit(id="x")),
        pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path="/a")),
        pfs.ModifyFileRequest(copy_file=pfs.CopyFile(dst="/a")),
        pfs.ModifyFileRequest(add_file=pfs.AddFile(path="/a", url=pfs.AddFile.URLSource(URL="x"))),
        add("/a", None),
    ],
)
def test_other_messages_are_left_to_the_library(message: Any) -> None:
    assert find_piece(message.SerializeToString()) is None


@given(st.data())
def test_nothing_is_read_into_what_is_changed_or_torn(data: st.DataObject) -> None:
    whole = bytearray(add("/a", DATA[:300], "t").SerializeToString())
    at = data.draw(st.integers(0, 14))
    whole[at] = data.draw(st.integers(0, 255))
    changed = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    piece = find_piece(changed)
    if piece is not None:
        read = pfs.ModifyFileRequest.FromString(changed)
        assert (piece.path, piece.datum, bytes(piece.value)) == (
            read.add_file.path,
            read.add_file.datum,
            read.add_file.raw.value,
        )


def test_pieces_and_messages_of_one_file_are_one_operation() -> None:
    long = Piece("/b", "", memoryview(b"2" * LONG))
    delete = pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path="/b"))
    ops = read_ops([add("/a", b""), Piece("/a", "", memoryview(b"1")), delete, add("/b", b""), long, long])
    seen = [(op, b"".join(op.pieces) if isinstance(op, AddFile) else b"") for op in ops]
    first, second, third = seen
    assert isinstance(first[0], AddFile)
    assert (first[0].path, first[0].tag, first[1]) == ("/a", DEFAULT_TAG, b"1")
    assert second == (DeleteFile("/b"), b"")
    assert third[1] == b"2" * (2 * LONG)
    [op] = read_ops([delete, Piece("/b", "", memoryview(b"small"))])
    assert op == PutFiles([("/b", b"small")])


def test_long_pieces_arrive_in_commits_and_filesets(server_address: str) -> None:
    data = DATA * 1000
    pieces = [add("/a", data), add("/a", data)]
    repo = pfs.Repo(name="r", type="user")
    commit = pfs.Commit(branch=pfs.Branch(repo=repo, name="master"), repo=repo)
    with connect(server_address) as client:
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
        requests = [pfs.ModifyFileRequest(set_commit=commit), *pieces]
        client.grpc.send(find_method("/pfs_v2.API/ModifyFile"), requests)
        made = client.grpc.send(find_method("/pfs_v2.API/CreateFileSet"), pieces).file_set_id
        fileset = pfs.Commit(id=made, repo=pfs.Repo(name=FILESETS_REPO, type="user"))
        for where in (commit, fileset):
            got = client.pfs.GetFile(pfs.GetFileRequest(file=pfs.File(commit=where, path="/a")))
            assert b"".join(piece.value for piece in got) == data * 2
        with pytest.raises(InvalidArgument, match="first message must be a commit"):
            client.grpc.send(find_method("/pfs_v2.API/ModifyFile"), pieces)
