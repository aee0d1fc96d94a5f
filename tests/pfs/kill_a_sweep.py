"""Kills a sweep before and after each of its writes, each time in another process, and checks what is left.

    python -m tests.pfs.kill_a_sweep FOLDER

Prints how many times it was killed. A process without threads, so that it may fork.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calf.kit.cancel import CancelToken
from calf.pfs import repos
from calf.pfs.engine import Pfs
from calf.pfs.sweeping import sweep
from calf.storage.index import ObjectIndex
from calf.storage.sweeping import Policy
from tests.pfs.world import World, repo_of

EAGER = Policy(sparse=0.0, small=1 << 30, several=2)
KILLED = 9
SYSTEM = ("fsync", "replace", "unlink", "write")
INDEX = ("forget", "move")


def main(folder: Path) -> None:
    expected = begin(folder / "begin")
    for number in itertools.count():
        home = folder / str(number)
        shutil.copytree(folder / "begin", home)
        if not killed(home, number):
            print(number)
            return
        check(home, expected, f"killed at point {number}")
        shutil.rmtree(home)


def begin(home: Path) -> list[str]:
    """Three packs: one is needed, one is not, and half of one is."""
    world = World.open(home)
    world.repo("kept", "gone")
    world.branch("kept@master")
    world.commit("kept@master", "/a", "/b")
    world.commit("gone@master", "/waste", "/more")
    half = world.start("kept@master")
    world.write(half, "/c", "/d")
    with world.pfs.transaction() as txn:
        repos.delete(txn, repo_of("gone"))
    world.write(half, "/e")
    world.finish(half)
    files = world.files("kept@master")
    world.pfs.close()
    return files


def killed(home: Path, at: int) -> bool:
    """Run a sweep in a child that dies at its write number `at`; False if it has not as many."""
    child = os.fork()
    if child == 0:
        pfs = Pfs.open(home)
        watch(at)
        for _ in sweep(pfs, CancelToken(), policy=EAGER):
            pass
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, KILLED}, code
    return code == KILLED


def watch(at: int) -> None:
    """Count what changes the disk, and die before or after the write that is meant."""
    points = itertools.count()

    def counting(act: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **more: Any) -> Any:
            if next(points) == at:
                os._exit(KILLED)
            result = act(*args, **more)
            if next(points) == at:
                os._exit(KILLED)
            return result

        return counted

    for owner, names in ((os, SYSTEM), (ObjectIndex, INDEX)):
        for name in names:
            setattr(owner, name, counting(getattr(owner, name)))


def check(home: Path, expected: list[str], when: str) -> None:
    for _ in range(2):
        world = World.open(home)
        assert world.fsck() == [], when
        assert world.files("kept@master") == expected, when
        for _ in sweep(world.pfs, CancelToken(), policy=EAGER):
            pass
        world.pfs.close()
    assert len(list((home / "storage" / "packs").iterdir())) == 1, when


if __name__ == "__main__":
    main(Path(sys.argv[1]))
