"""What a dashboard needs of us beyond Pachyderm's API: to be told what changes, and figures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from calf.pps import changes
from calf.pps.changes import Change
from calf.pps.engine import Pps
from calf.rpc import figures
from calf.rpc.call import Call, Handlers
from calf.rpc.tally import Tally
from calf.wire.messages import Message, calf


def handlers(pps: Pps, tally: Tally, home: Path) -> Handlers:
    """All methods of `calf_v1.Watching`; `tally` counts the calls, `home` is the data folder."""
    return {
        "/calf_v1.Watching/Changes": partial(tell_changes, pps),
        "/calf_v1.Watching/Measure": partial(tell_figures, pps, tally, home),
    }


def tell_changes(pps: Pps, _request: Message, call: Call) -> Iterator[Message]:
    """What changes, until the client goes away. The first answer, an empty one, says that we look."""
    begin = changes.now(pps.pfs)
    yield calf.Changes()
    yield from map(_write, changes.watch(pps.pfs, begin, call.cancel))


def tell_figures(pps: Pps, tally: Tally, home: Path, _request: Message, _call: Call) -> Message:
    """The server's figures, as they are now."""
    samples = (
        calf.Sample(name=name, labels=labels, value=value)
        for name, labels, value in figures.measure(pps, tally, home)
    )
    return calf.Samples(samples=samples)


def _write(news: frozenset[Change]) -> Message:
    kinds: dict[str, list[str]] = {}
    for change in sorted(news):
        kinds.setdefault(change.project, []).append(change.kind)
    return calf.Changes(changes=[calf.Change(project=name, kinds=of) for name, of in kinds.items()])
