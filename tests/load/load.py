"""Many clients at once on one server, and what must hold meanwhile and afterwards.

`python tests/load/load.py --seconds 600 --clients 64` prints its figures and ends with 1 when one is not met.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from calf.client.connection import Client, connect
from calf.client.put import put_files
from calf.client.put_requests import Source
from calf.client.terms import Terms
from calf.daemon.place import find_running
from calf.model.errors import CalfError, Category
from calf.wire.messages import Message, calf, pfs, transaction
from tests.load.history import History

PAUSE = 0.5
SLOWEST = 0.1
"""Seconds: the 99th percentile of calls that read metadata, where the machine has nothing else to do."""
MOST_GROWTH = 64 << 20
MOST_WAL = 64 << 20
LONGEST_STOP = 5.0
CALL = 30.0
OURS = {Category.INTERNAL}


@dataclass
class Seen:
    """What the clients saw."""

    history: History = field(default_factory=History)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    metadata: list[float] = field(default_factory=list)
    acknowledged: dict[int, set[bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def repo(name: str) -> Message:
    return pfs.Repo(name=name, type="user", project=pfs.Project(name="default"))


def branch(name: str, of: str = "shared") -> Message:
    return pfs.Branch(name=name, repo=repo(of))


def commit(name: str, of: str = "shared") -> Message:
    return pfs.Commit(branch=branch(name, of), repo=repo(of))


class One:
    """A client: does this and that until it is told to stop."""

    def __init__(self, number: int, address: str, seen: Seen, folder: Path) -> None:
        self.number, self.seen, self.dice = number, seen, random.Random(number)
        self.file = folder / str(number)
        through_grpc = Terms(timeout=CALL)  # the server's own socket knows no time limits
        self.client: Client = connect(address, through_grpc if number % 2 else Terms())
        self.puts = 0

    def run(self, stop: threading.Event) -> None:
        works: list[tuple[int, Callable[[], None]]] = [
            (4, self.put),
            (2, self.begin_and_finish),
            (3, self.head),
            (3, self.look),
            (2, self.read),
            (1, self.list),
            (1, self.move_branch),
            (1, self.in_transaction),
            (1, self.come_and_go),
            (1, self.collect),
            (1, self.follow),
        ]
        while not stop.wait(self.dice.random() * 2 * PAUSE):
            work = self.dice.choices([each for _, each in works], [weight for weight, _ in works])[0]
            try:
                work()
                self.seen.done[work.__name__] += 1
            except CalfError as error:
                self.seen.refused[f"{work.__name__}: {error.category.value}"] += 1
                if error.category in OURS:
                    self.seen.broken.append(f"{work.__name__}: {error.message}")
        self.client.close()

    def put(self) -> None:
        """The own file, each time with something new: the last one acknowledged must be there at the end."""
        self.puts += 1
        value = f"{self.number} {self.puts}".encode()
        self.file.write_bytes(value)
        mine = self.seen.acknowledged.setdefault(self.number, set())
        mine.add(value)
        put_files(self.client, commit("master"), [Source(f"/{self.number}", file=str(self.file))])
        mine.intersection_update({value})

    def begin_and_finish(self) -> None:
        began = time.monotonic()
        made = self.client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch("line")))
        self.seen.history.wrote(made.id, began, time.monotonic())
        self.client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=made))

    def head(self) -> None:
        began = time.monotonic()
        info = self.client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=branch("line")))
        ended = time.monotonic()
        self.seen.history.read(info.head.id, began, ended)
        self.seen.metadata.append(ended - began)

    def look(self) -> None:
        began = time.monotonic()
        self.client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=repo("shared")))
        self.seen.metadata.append(time.monotonic() - began)

    def read(self) -> None:
        path = pfs.File(commit=commit("master"), path=f"/{self.dice.randrange(8)}")
        list(self.client.pfs.GetFile(pfs.GetFileRequest(file=path)))

    def list(self) -> None:
        where = pfs.File(commit=commit("master"), path="/")
        list(self.client.pfs.ListFile(pfs.ListFileRequest(file=where)))
        list(self.client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo("shared"), number=20)))

    def move_branch(self) -> None:
        request = pfs.CreateBranchRequest(branch=branch(f"b{self.number % 4}"), head=commit("master"))
        self.client.pfs.CreateBranch(request)

    def in_transaction(self) -> None:
        name = f"t{self.number}"
        new = pfs.CreateRepoRequest(repo=repo(name), update=True)
        also = pfs.CreateBranchRequest(branch=branch("master", name))
        requests = [
            transaction.TransactionRequest(create_repo=new),
            transaction.TransactionRequest(create_branch=also),
        ]
        self.client.transaction.BatchTransaction(transaction.BatchTransactionRequest(requests=requests))

    def collect(self) -> None:
        """Space given back beside everything else, by one of them."""
        if self.number == 0:
            list(self.client.call("/calf_v1.Storage/Collect", calf.CollectRequest()))

    def follow(self) -> None:
        """The next commit of a branch that others put into, as it comes."""
        request = pfs.SubscribeCommitRequest(
            repo=repo("shared"), branch="master", state=pfs.CommitState.Value("FINISHED")
        )
        stream = self.client.pfs.SubscribeCommit(request)
        for _ in zip(stream, range(3), strict=False):
            pass
        stream.close()

    def come_and_go(self) -> None:
        request = pfs.DeleteRepoRequest(repo=repo(f"t{self.number}"), force=True)
        self.client.pfs.DeleteRepo(request)


@dataclass(frozen=True)
class Size:
    """How large the server is."""

    memory: int
    descriptors: int


def size_of(pid: int) -> Size:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Size(pages * os.sysconf("SC_PAGE_SIZE"), sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()))


def load(address: str, pid: int, home: Path, seconds: float, clients: int) -> tuple[Seen, list[str]]:
    """Let them loose for a while; what they saw, and what of the server grew too much."""
    seen, stop = Seen(), threading.Event()
    threading.excepthook = lambda ended: seen.broken.append(repr(ended.exc_value))
    with connect(address) as client:
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("shared")))
        for name in ("line", "master"):
            client.pfs.CreateBranch(pfs.CreateBranchRequest(branch=branch(name)))
    with tempfile.TemporaryDirectory() as folder:
        ones = [One(number, address, seen, Path(folder)) for number in range(clients)]
        threads = [threading.Thread(target=one.run, args=(stop,)) for one in ones]
        for thread in threads:
            thread.start()
        time.sleep(seconds / 3)
        before, wal = size_of(pid), 0
        deadline = time.monotonic() + seconds * 2 / 3
        while time.monotonic() < deadline:
            time.sleep(0.5)
            wal = max(wal, (home / "metadata.sqlite-wal").stat().st_size)
        after = size_of(pid)
        stop.set()
        for thread in threads:
            thread.join(30)
    wrong = ["a client hangs"] if any(thread.is_alive() for thread in threads) else []
    grown = after.memory - before.memory
    print(
        f"memory {before.memory >> 20} to {after.memory >> 20} MiB, {before.descriptors} to "
        f"{after.descriptors} descriptors, log of the database at most {wal >> 20} MiB"
    )
    wrong += [f"memory grew by {grown >> 20} MiB"] if grown > MOST_GROWTH else []
    wrong += ["descriptors leak"] if after.descriptors > before.descriptors + clients else []
    wrong += [f"the database's log has {wal >> 20} MiB"] if wal > MOST_WAL else []
    return seen, wrong


def judge(address: str, seen: Seen, slowest: float) -> list[str]:
    """What is wrong with what the clients saw, now that they are gone."""
    wrong = list(seen.broken)
    with connect(address) as client:
        for number, possible in seen.acknowledged.items():
            file = pfs.File(commit=commit("master"), path=f"/{number}")
            info = next(iter(client.pfs.GetFile(pfs.GetFileRequest(file=file))))
            if info.value not in possible:
                wrong.append(f"/{number} is {info.value!r} and not {possible}")
        commits = client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo("shared"), all=True))
        order = [info.commit.id for info in commits if info.commit.branch.name == "line"][::-1]
        wrong += seen.history.violations(order)
        wrong += [found.error for found in client.pfs.Fsck(pfs.FsckRequest(verify=True))]
    times = sorted(seen.metadata)
    p99 = times[int(len(times) * 0.99)]
    print(f"{sum(seen.done.values())} done {dict(seen.done)}\nrefused {dict(seen.refused)}")
    print(
        f"metadata: {len(times)} calls, p50 {times[len(times) // 2] * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms"
    )
    return wrong + ([f"p99 of metadata calls is {p99 * 1000:.0f} ms"] if p99 > slowest else [])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--slowest", type=float, default=SLOWEST, help="p99 of metadata calls, in seconds")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        words = ["serve", "--home", str(home), "--address", "127.0.0.1:0"]
        server = subprocess.Popen(
            [sys.executable, "-m", "calf.daemon.main", *words], stderr=subprocess.DEVNULL
        )
        try:
            while (running := find_running(home)) is None or not running.address:
                assert server.poll() is None, "the server did not start"
                time.sleep(0.1)
            seen, wrong = load(running.address, server.pid, home, asked.seconds, asked.clients)
            wrong += judge(running.address, seen, asked.slowest)
        finally:
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            server.wait(60)
        took = time.monotonic() - began
        wrong += [f"stopping took {took:.1f} s"] if took > LONGEST_STOP else []
    print(f"stopped in {took:.1f} s", *wrong or ["all holds"], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
