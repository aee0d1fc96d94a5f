"""From the messages of a ModifyFile to operations."""

from __future__ import annotations

from typing import Any

from calf.pfs.files import SMALL, AddFile, DeleteFile, Op, PutFiles
from calf.rpc.batches import SmallFiles
from calf.rpc.pfs_modify_file import read_ops
from calf.wire.messages import pfs


def add(path: str, *pieces: bytes, datum: str = "") -> list[Any]:
    return [
        pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, datum=datum, raw={"value": piece}))
        for piece in pieces
    ]


def delete(path: str, datum: str = "") -> list[Any]:
    return [pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path, datum=datum))]


def plain(op: Op) -> Any:
    match op:
        case PutFiles(files, tag):
            return tag, {path: bytes(data) for path, data in files}
        case AddFile(path, pieces, tag):
            return "add", tag, path, b"".join(pieces)
        case DeleteFile(path, tag):
            return "delete", tag, path
    raise AssertionError(op)


def test_small_files_that_replace_others_are_one_operation_and_nothing_else_is() -> None:
    requests = [
        *delete("/a"),
        *add("/a", b"", b"1", b"2"),
        *delete("/b"),
        *add("/b", b""),
        *add("/b", b"and more", datum="t"),
        *delete("/c", "t"),
        *add("/c", b"c", datum="t"),
        *delete("/only"),
        *delete("/folder/"),
        *add("/folder/", b"x"),
        SmallFiles([("/s", memoryview(b"s"))]),
        *add("/a", b"appended", b"!"),
    ]
    assert [plain(op) for op in read_ops(requests)] == [
        ("default", {"/a": b"12", "/b": b""}),
        ("add", "t", "/b", b"and more"),
        ("t", {"/c": b"c"}),
        ("delete", "default", "/only"),
        ("delete", "default", "/folder/"),
        ("add", "default", "/folder/", b"x"),
        ("default", {"/s": b"s"}),
        ("add", "default", "/a", b"appended!"),
    ]


def test_a_large_file_is_read_as_it_comes() -> None:
    piece = bytes(SMALL)
    requests = [
        *delete("/a"),
        *add("/a", b"x"),
        *delete("/big"),
        *add("/big", piece, b"1", b"2"),
        *delete("/b"),
    ]
    assert [plain(op) for op in read_ops(requests)] == [
        ("default", {"/a": b"x"}),
        ("delete", "default", "/big"),
        ("add", "default", "/big", piece + b"12"),
        ("delete", "default", "/b"),
    ]
