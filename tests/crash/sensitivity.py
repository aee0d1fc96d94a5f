"""The check must be able to fail: a sweep that removes packs before their copy has its name loses data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from unittest.mock import patch

from calf.storage.index import Moved
from calf.storage.pack_writer import PackDraft
from calf.storage.sweeping import Sweep
from tests.crash import points
from tests.crash.scenario import STEPS

_RIGHT = Sweep._switch


def _wrong(
    sweep: Sweep, draft: PackDraft | None, moves: Sequence[Moved], whole: Iterable[bytes]
) -> set[bytes]:
    packs = list(whole)
    for pack in packs if draft else ():
        sweep._shelf.path(pack).unlink()
    return _RIGHT(sweep, draft, moves, packs)


def noticed(folder: Path, home: Path) -> int:
    """At how many points of the last step a sweep that works in the wrong order is caught."""
    with patch.object(Sweep, "_switch", _wrong):
        return sum(bool(points.one(folder, len(STEPS) - 1, at, points.CALLS, home)) for at in (15, 16, 17))
