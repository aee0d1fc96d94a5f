"""Clients that use pachyderm-sdk."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Mapping

from pachyderm_sdk import Client
from pachyderm_sdk.api import pfs

from tests.load.foreign import Library, main

DEFAULT = pfs.Project(name="default")


class Sdk(Library):
    """Written in Python's own types, over betterproto."""

    def __init__(self, address: str, prefix: str, number: int) -> None:
        self.address = address
        self.client, self.own = Client.from_pachd_address(address), f"{prefix}sdk{number}"

    def repo(self, name: str) -> pfs.Repo:
        return pfs.Repo(name=name, type="user", project=DEFAULT)

    def head(self, repo: str, branch: str = "master") -> pfs.Commit:
        return pfs.Commit(branch=pfs.Branch(repo=self.repo(repo), name=branch), repo=self.repo(repo))

    def create_repo(self) -> None:
        self.client.pfs.create_repo(repo=self.repo(self.own))

    def put(self, branch: str, texts: Mapping[str, str]) -> None:
        with self.client.pfs.commit(branch=pfs.Branch(repo=self.repo(self.own), name=branch)) as commit:
            for path, text in texts.items():
                commit.put_file_from_bytes(path, text.encode())
        commit.wait()

    def append(self, repo: str, path: str, text: str) -> None:
        self.client.pfs.put_file_from_bytes(
            commit=self.head(repo), path=path, data=text.encode(), append=True
        )

    def read(self, repo: str, path: str) -> str:
        with self.client.pfs.pfs_file(pfs.File(commit=self.head(repo), path=path)) as opened:
            return str(opened.read().decode())

    def listed(self) -> set[str]:
        file = pfs.File(commit=self.head(self.own), path="/")
        return {info.file.path for info in self.client.pfs.list_file(file=file)}

    def globbed(self, pattern: str) -> set[str]:
        found = self.client.pfs.glob_file(commit=self.head(self.own), pattern=pattern)
        return {info.file.path for info in found}

    def copy(self, source: str, target: str) -> None:
        file = pfs.File(commit=self.head(self.own), path=source)
        with self.client.pfs.commit(branch=pfs.Branch(repo=self.repo(self.own), name="master")) as commit:
            commit.copy_file(src=file, dst=target)
        commit.wait()

    def look(self, repo: str, branch: str) -> None:
        self.client.pfs.inspect_branch(branch=pfs.Branch(repo=self.repo(repo), name=branch))

    def follow(self, repo: str) -> Generator[object, None, None]:
        """Through a client of its own: nothing but the end of its channel ends a stream of the SDK's."""
        client = Client.from_pachd_address(self.address)
        finished = pfs.CommitState.FINISHED
        try:
            yield from client.pfs.subscribe_commit(repo=self.repo(repo), branch="master", state=finished)
        finally:
            client._channel.close()

    def branches_together(self, name: str, repos: Iterable[str]) -> None:
        with self.client.transaction.transaction():
            for of in repos:
                self.client.pfs.create_branch(branch=pfs.Branch(repo=self.repo(of), name=name))

    def ask_of_all(self) -> None:
        list(self.client.pfs.list_repo(type="user"))
        list(self.client.pps.list_pipeline(details=False))
        self.client.admin.inspect_cluster()


if __name__ == "__main__":
    sys.exit(main(Sdk))
