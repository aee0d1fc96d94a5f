"""Clients that use Pachyderm's own libraries as they are; to be run in the environment of one of these."""

from __future__ import annotations

import argparse
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Mapping

import grpc

from tests.load.diary import Diary, Life, Work, live, tell, wait_for_others

NEVER: frozenset[str] = frozenset()
GONE = frozenset({"NOT_FOUND"})
DELETED = frozenset({"UNKNOWN"})
"""What Pachyderm answers whoever waits for a commit that others delete."""


class Library(ABC):
    """What is asked of either library, in its own words; `own` is a repo that nobody else writes to."""

    own = ""

    @abstractmethod
    def create_repo(self) -> None: ...

    @abstractmethod
    def put(self, branch: str, texts: Mapping[str, str]) -> None:
        """In one commit, which is begun, written to, finished and waited for."""

    @abstractmethod
    def append(self, repo: str, path: str, text: str) -> None:
        """To a branch, whether it has an open commit or not."""

    @abstractmethod
    def read(self, repo: str, path: str) -> str: ...

    @abstractmethod
    def listed(self) -> set[str]: ...

    @abstractmethod
    def globbed(self, pattern: str) -> set[str]: ...

    @abstractmethod
    def copy(self, source: str, target: str) -> None: ...

    @abstractmethod
    def look(self, repo: str, branch: str) -> None: ...

    @abstractmethod
    def follow(self, repo: str) -> Generator[object, None, None]:
        """The commits of its master; closing it ends the call as well."""

    @abstractmethod
    def branches_together(self, name: str, repos: Iterable[str]) -> None:
        """In one transaction."""

    @abstractmethod
    def ask_of_all(self) -> None:
        """What lists everything: repos, pipelines, jobs."""


class One:
    """A client with a repo of its own, which looks at what others do as well."""

    def __init__(self, number: int, library: Library, diary: Diary, prefix: str) -> None:
        self.library, self.diary, self.dice = library, diary, random.Random(number)
        self.number, self.prefix, self.count = number, prefix, 0

    def works(self) -> list[Work]:
        """What it does, and how often."""
        return [
            (4, self.put_and_read, NEVER),
            (2, self.append, NEVER),
            (2, self.look, NEVER),
            (2, self.list, NEVER),
            (1, self.copy, NEVER),
            (1, self.follow, DELETED),
            (1, self.in_transaction, NEVER),
            (1, self.read_shared, GONE),
            (1, self.ask_of_all, NEVER),
        ]

    def put_and_read(self) -> None:
        self.count += 1
        texts = {f"/f{self.dice.randrange(6)}": f"{self.number} {self.count} {turn}" for turn in range(3)}
        for path, text in texts.items():
            self.diary.try_to_keep(f"{self.library.own}:{path}", text)
        self.library.put("master", texts)
        for path, text in texts.items():
            self.diary.keep(f"{self.library.own}:{path}", text)
            self._expect(path, text)

    def append(self) -> None:
        self.count += 1
        line = f"{self.library.own} {self.count}"
        self.diary.lines[line] = False
        self.library.append(f"{self.prefix}log", "/log", f"{line}\n")
        self.diary.lines[line] = True

    def look(self) -> None:
        began = time.monotonic()
        self.library.look(f"{self.prefix}shared", "line")
        self.diary.look(began)

    def list(self) -> None:
        wanted, begin = set[str](), f"{self.library.own}:"
        for name, texts in self.diary.kept.items():
            if name.startswith(begin) and texts != [None]:
                wanted.add(name.removeprefix(begin))
        if wanted and (self.library.listed(), self.library.globbed("/*")) != (wanted, wanted):
            self.diary.broken.append(f"list and glob do not both give {wanted}")

    def copy(self) -> None:
        mine = [name for name, texts in self.diary.kept.items() if texts != [None]]
        if mine:
            name = self.dice.choice(mine)
            [text] = self.diary.kept[name]
            self.diary.try_to_keep(f"{self.library.own}:/copy", text)
            self.library.copy(name.partition(":")[2], "/copy")
            self.diary.keep(f"{self.library.own}:/copy", text)
            self._expect("/copy", text)

    def follow(self) -> None:
        stream = self.library.follow(f"{self.prefix}shared")
        for _ in zip(stream, range(2), strict=False):
            pass
        stream.close()

    def in_transaction(self) -> None:
        name = f"{self.library.own}-{self.dice.randrange(1 << 40):x}"
        self.library.branches_together(name, [f"{self.prefix}left", f"{self.prefix}right"])

    def read_shared(self) -> None:
        self.library.read(f"{self.prefix}shared", f"/{self.dice.randrange(8)}")

    def ask_of_all(self) -> None:
        self.library.ask_of_all()

    def _expect(self, path: str, text: str | None) -> None:
        found = self.library.read(self.library.own, path)
        if found != text:
            self.diary.broken.append(f"{self.library.own}:{path} is {found}, and not {text}")


def reason(error: Exception) -> str:
    """The status of a failed call, whatever a library made of it; of anything else what it is."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, grpc.RpcError):
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__ if cause is None else str(cause.code().name)


def main(make: Callable[[str, str, int], Library]) -> int:
    """Live as so many clients, each of which `make` gives a library by address, prefix and number."""
    parser = argparse.ArgumentParser()
    for name, kind in (("address", str), ("prefix", str), ("clients", int), ("pause", float)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    asked = parser.parse_args()
    diaries, ones = [Diary() for _ in range(asked.clients)], list[One]()
    for number, diary in enumerate(diaries):
        library = make(asked.address, asked.prefix, number)
        library.create_repo()
        ones.append(One(number, library, diary, asked.prefix))
    life = Life(wait_for_others(), asked.pause)
    threads = [
        threading.Thread(target=live, args=(one.diary, life, one.works(), one.dice, reason)) for one in ones
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell(diaries)
    return 0
