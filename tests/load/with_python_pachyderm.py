"""Clients that use python-pachyderm."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Mapping

import python_pachyderm
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.load.foreign import Library, main


class PythonPachyderm(Library):
    """Written in names, over protobuf."""

    def __init__(self, address: str, prefix: str, number: int) -> None:
        host, _, port = address.rpartition(":")
        self.client, self.own = python_pachyderm.Client(host, int(port)), f"{prefix}pp{number}"

    def create_repo(self) -> None:
        self.client.create_repo(self.own)

    def put(self, branch: str, texts: Mapping[str, str]) -> None:
        with self.client.commit(self.own, branch) as commit:
            for path, text in texts.items():
                self.client.put_file_bytes(commit, path, text.encode())
        self.client.wait_commit(commit)

    def append(self, repo: str, path: str, text: str) -> None:
        self.client.put_file_bytes((repo, "master"), path, text.encode(), append=True)

    def read(self, repo: str, path: str) -> str:
        with self.client.get_file((repo, "master"), path) as opened:
            return str(opened.read().decode())

    def listed(self) -> set[str]:
        return {info.file.path for info in self.client.list_file((self.own, "master"), "/")}

    def globbed(self, pattern: str) -> set[str]:
        return {info.file.path for info in self.client.glob_file((self.own, "master"), pattern)}

    def copy(self, source: str, target: str) -> None:
        self.client.copy_file((self.own, "master"), source, (self.own, "master"), target)

    def look(self, repo: str, branch: str) -> None:
        self.client.inspect_branch(repo, branch)

    def follow(self, repo: str) -> Generator[object, None, None]:
        stream = self.client.subscribe_commit(repo, "master", state=pfs_pb2.CommitState.FINISHED)
        try:
            yield from stream
        finally:
            stream.cancel()

    def branches_together(self, name: str, repos: Iterable[str]) -> None:
        with self.client.transaction():
            for of in repos:
                self.client.create_branch(of, name)

    def ask_of_all(self) -> None:
        list(self.client.list_repo())
        list(self.client.list_pipeline())
        self.client.inspect_cluster()


if __name__ == "__main__":
    sys.exit(main(PythonPachyderm))
