"""Run on a small disk by test_full_disk.py: a put that does not fit, beside commits that did."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from calf.kit.errors import NoSpace
from calf.pfs import files
from calf.pfs.files import AddFile
from tests.pfs.files.shorthand import NEVER, get, modify, put
from tests.pfs.world import World, ref


def main(disk: Path) -> None:
    world = World.open(disk / "home")
    world.repo("data")
    modify(world, "data@master", put("/kept", "kept"))
    opened = world.start("data@open")
    modify(world, "data@open", put("/part", "part"))
    log = world.log("data")
    noise = [random.Random(seed).randbytes(1 << 20) for seed in range(12)]
    for name in ("data@master", "data@open"):
        with pytest.raises(NoSpace, match=r"^no space left to write below"):
            files.modify(world.pfs, ref(name), [put("/before", "x"), AddFile("/big", noise)], NEVER)
    assert world.log("data") == log
    assert world.files(opened) == ["/part"]
    assert world.fsck() == []
    modify(world, "data@master", put("/after", "after"))
    world.finish(opened)
    assert get(world, "data@master:/kept") + get(world, "data@master:/after") == "keptafter"
    world.pfs.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
