"""Ten files changed in a commit of ten thousand, and of a million: the cost is that of the ten.

The files are put by the engine itself, before its server starts, a hundred bytes each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from comparing import Result, Scale, in_turns, say, within
from files import make_small
from measuring import Cost
from serving import Server, serving

from calf.kit.cancel import CancelToken
from calf.model.refs import CommitRef, Repo
from calf.pfs import repos
from calf.pfs.engine import Pfs
from calf.pfs.files.modifying import modify
from calf.pfs.files.ops import PutFiles

FEW, FOLDER = 10, 1000
TITLE = "commit few changes in a large repo"


def run(scale: Scale) -> Result:
    """Measure."""
    small, large = scale.pick(10_000, 2_000), scale.pick(1_000_000, 50_000)
    with ExitStack() as stack:
        turns = {}
        for count in (small, large):
            home = scale.folder / str(count)
            fill(home, count)
            server = stack.enter_context(serving(home))
            turns[f"in {count:,}"] = lambda number, server=server, count=count: _turn(server, count, number)
        few, many = in_turns(turns, scale.rounds(7, 4)).values()
    return Result((within(f"commit {FEW} changed {many.name}", many, few, 2.0),))


def fill(home: Path, count: int) -> None:
    """Have branch `master` of repo `bench` hold so many small files, in folders of a thousand."""
    say(f"  filling a repo with {count:,} files")
    repo = Repo("default", "bench")
    engine = Pfs.open(home)
    with engine.transaction() as txn:
        repos.create(txn, repo, "", update=False)
    modify(engine, CommitRef(repo, "master"), _files(count), CancelToken())
    engine.close()


def _files(count: int) -> Iterator[PutFiles]:
    for start in range(0, count, FOLDER):
        folder = f"/{start // FOLDER:04}"
        yield PutFiles(
            [(f"{folder}/{number:05}.bin", b"%0100d" % (start + number)) for number in range(FOLDER)]
        )


def _turn(server: Server, count: int, number: int) -> Cost:
    """Ten files of one folder, and so of one page or a few."""
    folder = f"{number * 7 % (count // FOLDER):04}"
    changed = make_small(server.home.parent / f"changed{count}-{number}" / folder, FEW, number, size=100)
    return server.measure("put", "file", "-r", f"bench@master:/{folder}", "-f", changed)
