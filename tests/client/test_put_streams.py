from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from calf.client.put import put_files
from calf.client.put_requests import PIECE, Manner, Source
from calf.model.errors import Cancelled, InvalidArgument
from calf.rpc.pieces import Piece
from calf.wire.messages import google, pfs

COMMIT = pfs.Commit(repo=pfs.Repo(name="r"), id="master")
MODIFY, BATCHED = "/pfs_v2.API/ModifyFile", "/calf_v1.Files/ModifyFiles"


class Repo:
    """A handler of ModifyFile that keeps what a complete stream said."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[Any] = []
        self.broken: list[Exception] = []

    def __call__(self, requests: Iterator[Any], _call: Any) -> Any:
        files = dict(self.files)
        seen = []
        try:
            for request in requests:
                if isinstance(request, Piece):
                    files[request.path] = files.get(request.path, b"") + request.value
                    continue
                seen.append(request.WhichOneof("body"))
                if request.HasField("delete_file"):
                    files.pop(request.delete_file.path, None)
                elif request.HasField("add_file"):
                    path = request.add_file.path
                    files[path] = files.get(path, b"") + request.add_file.raw.value
        except Cancelled as error:
            self.broken.append(error)
            raise
        self.files, self.requests = files, seen
        return google.Empty()


def source(path: str, data: bytes) -> Source:
    return Source(path, lambda: io.BytesIO(data))


@pytest.mark.parametrize("ours", [True, False], ids=["batched", "foreign server"])
def test_small_large_and_empty_files_arrive_whole(dial: Any, ours: bool) -> None:
    repo = Repo()
    client = dial({MODIFY: repo, **({} if ours else VERSION)}, ours=ours)
    large = bytes(range(256)) * (PIECE // 256) * 2 + b"tail"
    sizes: list[int] = []
    sources = [source(f"/small/{n}", b"x" * n) for n in range(300)] + [source("/large", large)]
    put_files(client, COMMIT, sources, progress=sizes.append)
    assert repo.files == {f"/small/{n}": b"x" * n for n in range(300)} | {"/large": large}
    assert repo.requests[:3] == ["set_commit", "delete_file", "add_file"]
    assert sum(sizes) == len(large) + sum(range(300))


VERSION = {"/versionpb_v2.API/GetVersion": lambda _request, _call: google_version()}


def google_version() -> Any:
    from calf.wire.messages import version

    return version.Version(major=2, minor=12, micro=2)


def test_batches_are_few_messages(dial: Any) -> None:
    messages: list[int] = []

    def count(batches: Iterator[Any], _call: Any) -> Any:
        messages.extend(len(batch.requests) for batch in batches)
        return google.Empty()

    client = dial({BATCHED: count})
    put_files(client, COMMIT, (source(f"/{n}", b"4k" * 2048) for n in range(2000)))
    assert sum(messages) == 4001
    assert len(messages) < 12


def test_appending_sends_no_deletes(dial: Any) -> None:
    repo = Repo()
    client = dial({MODIFY: repo})
    put_files(client, COMMIT, [source("/a", b"1")])
    put_files(client, COMMIT, [source("/a", b"2")], Manner(append=True))
    assert repo.files == {"/a": b"12"}


def test_a_source_that_cannot_be_read_leaves_nothing_behind(dial: Any) -> None:
    repo = Repo()
    client = dial({MODIFY: repo})

    def unreadable() -> Any:
        raise PermissionError(13, "Permission denied", "b")

    many = [source(f"/{n}", bytes(PIECE)) for n in range(20)]
    with pytest.raises(PermissionError):
        put_files(client, COMMIT, [*many, Source("/b", unreadable)])
    client.close()
    assert repo.files == {}


def test_a_refusal_in_the_middle_ends_the_upload_at_once(dial: Any) -> None:
    def refuse(requests: Iterator[Any], _call: Any) -> Any:
        next(requests)
        raise InvalidArgument("path (/a*) invalid: globbing character (*) not allowed in path")

    read: list[int] = []

    def endless() -> Iterator[Source]:
        for n in range(1_000_000):
            read.append(n)
            yield source(f"/{n}", bytes(PIECE))

    with pytest.raises(InvalidArgument, match="globbing character"):
        put_files(dial({MODIFY: refuse}), COMMIT, endless())
    assert len(read) < 1000


def test_urls_are_left_to_the_server(dial: Any) -> None:
    seen: list[Any] = []

    def keep(requests: Iterator[Any], _call: Any) -> Any:
        seen.extend(requests)
        return google.Empty()

    put_files(dial({MODIFY: keep}), COMMIT, [Source("/a", url="https://example.org/a", recursive=True)])
    assert (seen[-1].add_file.url.URL, seen[-1].add_file.url.recursive) == ("https://example.org/a", True)
