"""Small files out of a commit, into an empty folder. DVC makes hard links.

What is there goes out of the way by its name. To remove it just before would measure ext4, which steps over
each inode that was freed within the last minute, one by one, whenever it makes a new one: a millisecond a
file when six peers have removed theirs.
"""

from __future__ import annotations

from comparing import Result, Scale, faster, in_turns
from files import make_small
from measuring import Cost
from peers import CALF, DVC, PACK, Peer, peers
from serving import run_tool

NAMES = (CALF, "dvc", "git", "borg", "cp", PACK)
GOALS = {"dvc": 1.0, "git": None, "borg": None, "cp": None, PACK: None}
TITLE = "get files"


def run(scale: Scale) -> Result:
    """Measure."""
    count = scale.pick(10_000, 2_000)
    work = f"get {count:,} x 4 KB"
    with peers(scale.folder, *NAMES) as (found, notes):
        if "dvc" in found:
            dvc = found["dvc"]
            run_tool(DVC, "config", "cache.type", "hardlink", env=dvc.env, cwd=dvc.folder)
        for peer in found.values():
            make_small(peer.folder / "data", count, seed=0)
            peer.run(peer.put, "data")

        def turn(peer: Peer, number: int) -> Cost:
            (peer.folder / "data").rename(peer.folder / f"got-{number}")
            cost = peer.run(peer.get, "data", number)
            if len(list((peer.folder / "data").iterdir())) != count:
                raise SystemExit(f"{peer.name} did not bring all files back")
            return cost

        turns = {name: (lambda number, peer=peer: turn(peer, number)) for name, peer in found.items()}
        runs = in_turns(turns, scale.rounds(5))
    lines = [faster(work, runs[CALF], runs[name], goal) for name, goal in GOALS.items() if name in runs]
    return Result(tuple(lines), notes)
