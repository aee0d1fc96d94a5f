"""Ten files changed among ten thousand: what it takes to have them in a new commit.

DVC, Git, Borg and restic look at the whole folder to find them; so do we in the line "the whole folder". In
the first line we are told which they are, as with `pachctl put file -f`. DVC's `add` is followed by Git's
commit, without which nothing is recorded; its own `commit` would come on top.
"""

from __future__ import annotations

from comparing import Result, Scale, alone, faster, in_turns
from files import change_some, make_small
from measuring import Cost
from peers import CALF, Peer, peers

NAMES = (CALF, "dvc", "git", "borg")
FEW = 10
TOLD, WHOLE = CALF, "calf, the whole folder"
TITLE = "commit few changes"


def run(scale: Scale) -> Result:
    """Measure."""
    count = scale.pick(10_000, 2_000)
    work = f"commit {FEW} changed in {count:,}"
    with peers(scale.folder, *NAMES) as (found, notes):
        for peer in found.values():
            make_small(peer.folder / "data", count, seed=0)
            peer.run(peer.put, "data")

        def turn(peer: Peer, number: int, script: str) -> Cost:
            change_some(peer.folder / "data", peer.folder / "changed", FEW, number)
            return peer.run(script, "data", number + 1)

        scripts = {name: (peer, peer.put) for name, peer in found.items()}
        if "dvc" in found:
            scripts["dvc"] = (
                found["dvc"],
                'dvc add -q "$DATA" && git add "$DATA.dvc" && git commit -qm "$N"',
            )
        scripts[WHOLE] = scripts[CALF]
        scripts[TOLD] = (found[CALF], "pachctl put file -r bench@master:/data -f changed")
        turns = {
            name: (lambda number, peer=peer, script=script, salt=salt: turn(peer, number * 10 + salt, script))
            for salt, (name, (peer, script)) in enumerate(scripts.items())
        }
        runs = in_turns(turns, scale.rounds(5))
    ours, whole = runs[TOLD], f"{work}, whole folder"
    lines = [faster(work, ours, runs["dvc"], 10.0)] if "dvc" in runs else []
    lines += [faster(whole, runs[WHOLE], runs[name]) for name in NAMES[1:] if name in runs]
    return Result((*lines, alone(work, ours)), notes)
