"""Nothing changed: how long it takes to be told so, of a folder of which all is stored already."""

from __future__ import annotations

from comparing import Result, Scale, at_most, faster, in_turns
from files import make_small
from peers import CALF, peers

NAMES = (CALF, "dvc", "git", "borg")
GOALS = {"dvc": 5.0, "git": None, "borg": None}
TITLE = "nothing changed"


def run(scale: Scale) -> Result:
    """Measure."""
    count = scale.pick(10_000, 2_000)
    work = f"nothing changed in {count:,}"
    with peers(scale.folder, *NAMES) as (found, notes):
        for peer in found.values():
            make_small(peer.folder / "data", count, seed=0)
            peer.run(peer.put, "data")
        turns = {
            name: (lambda number, peer=peer: peer.run(peer.status, "data", number + 1))
            for name, peer in found.items()
        }
        runs = in_turns(turns, scale.rounds(7))
    lines = [faster(work, runs[CALF], runs[name], goal) for name, goal in GOALS.items() if name in runs]
    return Result((at_most(work, runs[CALF], 0.15), *lines), notes)
