"""Ten versions of a large file, each with a hundredth changed at ten places: the bytes that are kept.

In the short form at one place, since of a small file ten chunks are a great part.
"""

from __future__ import annotations

import shutil

from comparing import Comparison, Result, Scale, at_most, say
from files import bytes_below, make_big, next_version
from measuring import Cost, Summary
from peers import CALF, Peer, peers

NAMES = (CALF, "borg", "dvc")
VERSIONS, SHARE = 10, 0.01
LIMIT = 1.15
TITLE = "keep versions"
MIB = 1 << 20


def run(scale: Scale) -> Result:
    """Measure. Stored bytes are all of the data folder, as a multiple of the first version's size."""
    size = scale.pick(1000, 96) * MIB
    work = f"{VERSIONS} versions of {size // MIB:,} MiB, stored"
    with peers(scale.folder, *NAMES) as (found, notes):
        kept = {
            name: Summary(name, (_keep(peer, scale, size),), "times its size") for name, peer in found.items()
        }
    lines = [at_most(work, kept[CALF], LIMIT)]
    for name in NAMES[1:]:
        if name in kept:
            ratio = kept[CALF].wall / kept[name].wall
            lines.append(
                Comparison(work, kept[CALF], kept[name], "times its bytes", ratio, None, at_least=False)
            )
    return Result(tuple(lines), notes)


def _keep(peer: Peer, scale: Scale, size: int) -> Cost:
    data = make_big(peer.folder / "file", size, seed=1)
    place = scale.folder / "home" if peer.name == CALF else peer.folder
    cpu = 0.0
    for number in range(VERSIONS):
        if number:
            next_version(data, SHARE, scale.pick(10, 1), seed=number)
        put = 'pachctl put file "bench@master:/$DATA" -f "$DATA"' if peer.name == CALF else peer.put
        cost = peer.run(put, data.name, number)
        cpu += cost.cpu
        say(f"  {peer.name}: version {number + 1}, {cost.wall:.2f} s")
    data.unlink()
    stored = bytes_below(place) / size
    say(f"  {peer.name}: {stored:.3f} times the size is stored")
    if place == peer.folder:
        shutil.rmtree(place)
    return Cost(stored, cpu)
