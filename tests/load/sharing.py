"""Clients that all work on the same repos: they put, append, read, move branches, begin and finish."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

from calf.client.connection import Client
from calf.client.put import put_files
from calf.client.put_requests import Source
from calf.model.errors import CalfError
from calf.wire.messages import Message, calf, pfs, transaction
from tests.load.diary import Diary, Work

NEVER: frozenset[str] = frozenset()
RACES = frozenset({"not-found", "wrong-state", "exists", "precondition", "unfinished"})
"""What may be said to somebody who comes too late: others work on the same."""
FINISHED = pfs.CommitState.Value("FINISHED")


def repo(name: str) -> Message:
    return pfs.Repo(name=name, type="user", project=pfs.Project(name="default"))


def branch(name: str, of: str) -> Message:
    return pfs.Branch(name=name, repo=repo(of))


def commit(name: str, of: str) -> Message:
    return pfs.Commit(branch=branch(name, of), repo=repo(of))


def at(id_: str, of: str) -> Message:
    return pfs.Commit(repo=repo(of), id=id_)


def reason(error: Exception) -> str:
    """The category of an error of ours; of anything else what it is."""
    return error.category.value if isinstance(error, CalfError) else type(error).__name__


def modify(client: Client, where: Message, *files: tuple[str, str | None], append: bool = False) -> None:
    """Put files, None to delete one, in one commit."""

    def requests() -> Iterator[Message]:
        yield pfs.ModifyFileRequest(set_commit=where)
        for path, text in files:
            if not append:
                yield pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path))
            if text is not None:
                file = pfs.AddFile(path=path)
                file.raw.value = text.encode()
                yield pfs.ModifyFileRequest(add_file=file)

    client.pfs.ModifyFile(requests())


def read_tar(client: Client, where: Message, path: str = "/") -> bytes:
    """An archive of a commit."""
    request = pfs.GetFileRequest(file=pfs.File(commit=where, path=path))
    return b"".join(part.value for part in client.pfs.GetFileTAR(request))


class Sharer:
    """One of them. Everything is in repos whose names begin with `prefix`."""

    def __init__(self, number: int, client: Client, diary: Diary, prefix: str, folder: Path) -> None:
        self.number, self.client, self.diary, self.prefix = number, client, diary, prefix
        self.dice = random.Random(f"{prefix}{number}")
        self.file = folder / str(number)
        self.shared, self.own, self.log = f"{prefix}shared", f"{prefix}t{number}", f"{prefix}log"
        self.puts = self.appends = 0

    def works(self) -> list[Work]:
        """What it does, and how often."""
        return [
            (4, self.put, NEVER),
            (2, self.append, NEVER),
            (2, self.begin_and_finish, RACES),
            (3, self.head, NEVER),
            (3, self.look, NEVER),
            (2, self.read, RACES),
            (2, self.read_all, RACES),
            (1, self.list, NEVER),
            (1, self.glob, NEVER),
            (1, self.move_branch, NEVER),
            (1, self.in_transaction, NEVER),
            (1, self.together, NEVER),
            (1, self.come_and_go, RACES),
            (1, self.squash, RACES),
            (1, self.follow, frozenset({"wrong-state"})),
        ]

    def put(self) -> None:
        """The own file, each time with something new: the last one acknowledged must be there at the end."""
        self.puts += 1
        name, value = f"{self.shared}:/{self.number}", f"{self.number} {self.puts}"
        self.file.write_text(value)
        self.diary.try_to_keep(name, value)
        put_files(
            self.client, commit("master", self.shared), [Source(f"/{self.number}", file=str(self.file))]
        )
        self.diary.keep(name, value)

    def append(self) -> None:
        """A line to the file of all, now and then within a commit that somebody has to finish."""
        self.appends += 1
        line = f"{self.number} {self.appends}"
        self.diary.lines[line] = False
        modify(self.client, commit("master", self.log), ("/log", f"{line}\n"), append=True)
        self.diary.lines[line] = True

    def begin_and_finish(self) -> None:
        of = self.dice.choice([self.shared, self.shared, self.log])
        began = time.monotonic()
        name = "line" if of == self.shared else "master"
        made = self.client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch(name, of)))
        if of == self.shared:
            self.diary.made.append((made.id, began, time.monotonic()))
        self.client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=made))

    def head(self) -> None:
        began = time.monotonic()
        info = self.client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=branch("line", self.shared)))
        self.diary.look(began)
        self.diary.seen.append((info.head.id, began, time.monotonic()))

    def look(self) -> None:
        began = time.monotonic()
        self.client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=repo(self.shared)))
        self.diary.look(began)

    def read(self) -> None:
        file = pfs.File(commit=commit("master", self.shared), path=f"/{self.dice.randrange(8)}")
        list(self.client.pfs.GetFile(pfs.GetFileRequest(file=file)))

    def read_all(self) -> None:
        """Everything in one of the newest commits; whoever reads it reads the same."""
        newest = pfs.ListCommitRequest(repo=repo(self.shared), to=commit("master", self.shared), number=20)
        chosen = self.dice.choice([info.commit for info in self.client.pfs.ListCommit(newest)])
        found = hashlib.sha256(read_tar(self.client, at(chosen.id, self.shared))).hexdigest()
        self.diary.digests.setdefault(chosen.id, []).append(found)

    def list(self) -> None:
        where = pfs.File(commit=commit("master", self.shared), path="/")
        list(self.client.pfs.ListFile(pfs.ListFileRequest(file=where)))
        list(self.client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo(self.shared), number=20)))

    def glob(self) -> None:
        """The own file is among those that match, once it was put."""
        mine = f"/{self.number}"
        there = None not in self.diary.kept.get(f"{self.shared}:{mine}", [None])
        request = pfs.GlobFileRequest(commit=commit("master", self.shared), pattern="/*")
        paths = [info.file.path for info in self.client.pfs.GlobFile(request)]
        if there and mine not in paths:
            self.diary.broken.append(f"glob: {mine} is not in {paths}")

    def move_branch(self) -> None:
        to = branch(f"b{self.number % 4}", self.shared)
        self.client.pfs.CreateBranch(pfs.CreateBranchRequest(branch=to, head=commit("master", self.shared)))

    def in_transaction(self) -> None:
        new = pfs.CreateRepoRequest(repo=repo(self.own), update=True)
        also = pfs.CreateBranchRequest(branch=branch("master", self.own))
        self._together(
            transaction.TransactionRequest(create_repo=new),
            transaction.TransactionRequest(create_branch=also),
        )

    def together(self) -> None:
        """A branch in each of two repos, in one transaction: never one without the other."""
        name = f"n{self.number}-{self.dice.randrange(1 << 40):x}"
        self._together(
            *(
                transaction.TransactionRequest(
                    create_branch=pfs.CreateBranchRequest(branch=branch(name, f"{self.prefix}{of}"))
                )
                for of in ("left", "right")
            )
        )

    def _together(self, *requests: Message) -> None:
        self.client.transaction.BatchTransaction(transaction.BatchTransactionRequest(requests=requests))

    def come_and_go(self) -> None:
        self.client.pfs.DeleteRepo(pfs.DeleteRepoRequest(repo=repo(self.own), force=True))

    def squash(self) -> None:
        """An old commit, whose files later ones have."""
        on_master = pfs.ListCommitRequest(repo=repo(self.shared), to=commit("master", self.shared), number=12)
        oldest = list(self.client.pfs.ListCommit(on_master))[-1].commit
        if self.dice.random() < 0.5:
            gone = pfs.CommitSet(id=oldest.id)
            self.client.pfs.SquashCommitSet(pfs.SquashCommitSetRequest(commit_set=gone))

    def follow(self) -> None:
        """The next commits of a branch that others put into, as they come, unless one is squashed at that."""
        request = pfs.SubscribeCommitRequest(repo=repo(self.shared), branch="master", state=FINISHED)
        stream = self.client.pfs.SubscribeCommit(request)
        for _ in zip(stream, range(3), strict=False):
            pass
        stream.close()


class Looker(Sharer):
    """A client that reads metadata and nothing else: what it waits for is the server, not its neighbours."""

    def works(self) -> list[Work]:
        """Two kinds of calls."""
        return [(1, self.head, NEVER), (1, self.look, NEVER)]


class Collector(Sharer):
    """A client that has space given back."""

    def works(self) -> list[Work]:
        """Giving back, and listing."""
        return [(1, self.collect, frozenset({"precondition"})), (9, self.list, NEVER)]

    def collect(self) -> None:
        """It is refused while a backup is made."""
        list(self.client.call("/calf_v1.Storage/Collect", calf.CollectRequest()))
