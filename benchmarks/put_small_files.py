"""Small files into a commit: `pachctl put file -r` beside those who store folders.

All start from the command line, warm, on the same file system, in turns, each round with files that none has
seen. Our CPU includes the server's.
"""

from __future__ import annotations

import shutil

from comparing import Result, Scale, faster, in_turns, within
from files import make_small
from measuring import Cost
from peers import CALF, PACK, Peer, peers

NAMES = (CALF, "dvc", "git", "borg", "restic", PACK)
TITLE = "put small files"


def run(scale: Scale) -> Result:
    """Measure."""
    count = scale.pick(10_000, 2_000)
    work = f"put {count:,} x 4 KB"
    with peers(scale.folder, *NAMES) as (found, notes):

        def turn(peer: Peer, number: int) -> Cost:
            data = peer.folder / f"files{number}"
            make_small(data, count, seed=number)
            cost = peer.run(peer.put, data.name, number)
            shutil.rmtree(data)
            return cost

        turns = {name: (lambda number, peer=peer: turn(peer, number)) for name, peer in found.items()}
        runs = in_turns(turns, scale.rounds(5))
    ours = runs[CALF]
    lines = [faster(work, ours, runs[name], goal) for name, goal in GOALS.items() if name in runs]
    lines += [within(work, ours, runs[PACK], 3.0)] if PACK in runs else []
    return Result(tuple(lines), notes)


GOALS = {"dvc": 5.0, "git": 1.0, "borg": 1.0, "restic": None}
"""How many times as fast as each we have to be."""
