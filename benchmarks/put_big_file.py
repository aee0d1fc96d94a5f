"""One large file, durable, into a commit."""

from __future__ import annotations

import shutil

from comparing import Result, Scale, faster, in_turns
from files import make_big
from measuring import Cost
from peers import CALF, Peer, peers

NAMES = (CALF, "cp", "dvc", "borg")
GOALS = {"cp": 0.6, "dvc": 1.0, "borg": 1.0}
TITLE = "put one large file"
MIB = 1 << 20


def run(scale: Scale) -> Result:
    """Measure. What a round stored is removed where the tool can: `cp` and DVC's cache."""
    size = scale.pick(1000, 64) * MIB
    work = f"put a file of {size // MIB:,} MiB"
    with peers(scale.folder, *NAMES) as (found, notes):
        put = 'pachctl put file "bench@master:/$DATA" -f "$DATA"'

        def turn(peer: Peer, number: int) -> Cost:
            data = make_big(peer.folder / f"file{number}", size, seed=number)
            cost = peer.run(put if peer.name == CALF else peer.put, data.name, number)
            for old in (data, peer.folder / "copy", peer.folder / ".dvc/cache"):
                shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
            return cost

        turns = {name: (lambda number, peer=peer: turn(peer, number)) for name, peer in found.items()}
        runs = in_turns(turns, scale.rounds(3))
    lines = [faster(work, runs[CALF], runs[name], goal) for name, goal in GOALS.items() if name in runs]
    return Result(tuple(lines), notes)
