"""A data folder for tests, and short ways to say what happens in it."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from pathlib import Path

from calf.model.content import Entry
from calf.model.pfs_infos import CommitInfo
from calf.model.refs import SPEC, Branch, Commit, CommitRef, Repo
from calf.pfs import branches, commits, commitsets, fsck, repos
from calf.pfs.engine import Pfs
from calf.storage import trees
from calf.storage.trees import PutEntry
from tests.fresh_folder import lay


def at(text: str) -> Branch:
    """`repo@branch` or `repo.type@branch` in project default."""
    repo, _, name = text.partition("@")
    return Branch(repo_of(repo), name)


def ref(text: str) -> CommitRef:
    """`repo@commit` in project default."""
    repo, _, name = text.partition("@")
    return CommitRef(repo_of(repo), name)


def repo_of(text: str) -> Repo:
    name, _, type_ = text.partition(".")
    return Repo("default", name, type_ or "user")


@dataclass(frozen=True)
class World:
    pfs: Pfs

    @classmethod
    def open(cls, root: Path) -> World:
        ticks = itertools.count(1_700_000_000)
        numbers = itertools.count(1)
        made = Pfs.open(lay(root), clock=lambda: float(next(ticks)), new_id=lambda: uuid_like(next(numbers)))
        return cls(made)

    def repo(self, *names: str) -> None:
        with self.pfs.transaction() as txn:
            for name in names:
                repos.create(txn, repo_of(name))

    def branch(self, name: str, provenance: str = "", head: str = "") -> str:
        """Create or change a branch; `provenance` is a list with spaces. Gives the transaction's set."""
        with self.pfs.transaction() as txn:
            branches.create(
                txn, at(name), ref(head) if head else None, [at(upstream) for upstream in provenance.split()]
            )
            return txn.set_id

    def start(self, name: str) -> Commit:
        with self.pfs.transaction() as txn:
            return commits.start(txn, at(name))

    def finish(self, what: str | Commit, error: str = "", force: bool = True) -> None:
        with self.pfs.transaction() as txn:
            commits.finish(txn, ref(what) if isinstance(what, str) else what, error=error, force=force)

    def commit(self, name: str, *paths: str, error: str = "") -> Commit:
        """Start on a branch, add files that hold their own path, finish."""
        commit = self.start(name)
        self.write(commit, *paths)
        self.finish(commit, error)
        return commit

    def write(self, commit: Commit, *paths: str, tag: str = "default") -> None:
        with self.pfs.store.writer() as writer:
            changes = [PutEntry(Entry(path, tag, writer.content(path.encode()))) for path in paths]
            with writer.hold.looking() as note, self.pfs.read() as tx:
                old = commits.root(tx, commit)
                note(old)
            root = trees.apply(writer.get, writer.put, old, changes)
            writer.seal()
            with self.pfs.transaction() as txn:
                commits.set_root(txn, commit, root)

    def pipeline(self, name: str, reads: str, output: str = "master") -> str:
        """What creating or updating a pipeline does here: repos, a version, branches. Gives the set."""
        with self.pfs.transaction() as txn:
            for kind in ("user", SPEC, "meta"):
                repos.create(txn, Repo("default", name, kind), update=True)
            version = commits.start(txn, Branch(Repo("default", name, SPEC), "master"))
            commits.finish(txn, version)
            inputs = [*(at(upstream) for upstream in reads.split()), at(f"{name}.spec@master")]
            branches.create(txn, at(f"{name}@{output}"), provenance=inputs)
            branches.create(txn, at(f"{name}.meta@{output}"), provenance=inputs)
            return txn.set_id

    def run(self, set_id: str, error: str = "") -> None:
        """Finish the open outputs of a set, inputs first, as jobs would."""
        with self.pfs.transaction() as txn:
            for info in commitsets.inspect(txn.tx, set_id).commits:
                if not info.finished and info.commit.id == set_id:
                    commits.finish(txn, info.commit, error=error, force=True)

    def info(self, name: str | Commit) -> CommitInfo:
        with self.pfs.read() as tx:
            return commits.inspect(tx, ref(name) if isinstance(name, str) else name)

    def head(self, name: str) -> Commit:
        with self.pfs.read() as tx:
            return branches.inspect(tx, at(name)).head

    def files(self, what: str | Commit) -> list[str]:
        with self.pfs.read() as tx:
            commit = commits.resolve(tx, ref(what)) if isinstance(what, str) else what
            return [entry.path for entry in trees.entries(self.pfs.store.get, commits.root(tx, commit))]

    def members(self, set_id: str) -> list[str]:
        """The repos of a commit set with everything that it comes from, provenance first."""
        with self.pfs.read() as tx:
            infos = commitsets.inspect(tx, set_id).commits
        return [str(info.commit.repo).removeprefix("default/") for info in infos]

    def log(self, name: str) -> list[Commit]:
        """The commits of a repo, newest first."""
        with self.pfs.read() as tx:
            return [info.commit for info in commits.list_(tx, commits.CommitQuery(repo_of(name)))]

    def fsck(self, verify: bool = True) -> list[str]:
        return [str(found) for found in fsck.run(self.pfs, fsck.checks(self.pfs, verify))]


def uuid_like(number: int) -> str:
    return uuid.UUID(int=number, version=4).hex
