"""Run on a small disk by test_full_disk.py: writers with more or less room, which mostly is not enough."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

from calf.kit.errors import NoSpace
from calf.storage.store import Store

PAYLOAD = random.Random(3).randbytes(300_000)


def attempt(disk: Path, free: int) -> bool:
    """Write the payload with so many bytes free; in any case the store stays good. Whether it fitted."""
    root, ballast = disk / "store", disk / "ballast"
    store = Store.open(root)
    with store.writer() as writer:
        old = writer.put(b"old")
        writer.seal()
    ballast.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - free)))
    try:
        with store.writer() as writer:
            content = writer.stream([PAYLOAD])
            writer.seal()
        fitted = True
    except NoSpace:
        fitted = False
    assert not list(root.glob("packs/*.draft")), "a draft was left"
    assert len(list(root.glob("packs/*.pack"))) == 1 + fitted, "a pack was left"
    ballast.unlink()
    assert store.get(old) == b"old"
    if fitted:
        assert b"".join(store.read(content)) == PAYLOAD
    else:
        assert list(store.objects()) == [old], "half of it is visible"
        with store.writer() as writer:
            writer.stream([PAYLOAD])
            writer.seal()
    store.close()
    Store.open(root).close()
    shutil.rmtree(root)
    return fitted


def main(disk: Path) -> None:
    outcomes = [attempt(disk, free) for free in range(0, 480_000, 12_000)]
    assert outcomes[0] is False
    assert outcomes[-1] is True, "the payload never fitted: nothing was tried"
    assert outcomes.count(False) > 10


if __name__ == "__main__":
    main(Path(sys.argv[1]))
