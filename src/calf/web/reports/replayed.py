"""Whether what a result was made by has been run again by this dashboard since, and came out the same.

A decision says what was known when it was taken, and stays as it is. That nobody had replayed the jobs is no
doubt any more once they were; a proof with the replays (`pachctl attest --replay all`) brings it into a
decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from calf.web.reports.runs import Run

if TYPE_CHECKING:
    from calf.web.actions.replays import Replays

REPRODUCED = "reproduced"
"""The gate that asks for replays."""


def replayed(replays: Replays, run: Run) -> dict[str, Any] | None:
    """How many jobs of a run were replayed here and were the `same`; None where none was."""
    done = replays.outcomes()
    spots = {name: run.commits[name].spot for name in run.jobs}
    keys = {name: (spot.project, spot.repo, spot.commit) for name, spot in spots.items()}
    found = {name: done[key] for name, key in keys.items() if key in done}
    if not found:
        return None
    return {
        "jobs": len(keys),
        "same": sum(each.ok for each in found.values()),
        "differ": sorted(name for name, each in found.items() if not each.ok),
        "project": next(reversed(found.values())).project,
        "replay": next(reversed(found.values())).replay,
    }


def open_doubts(decided: Mapping[str, Any], again: Mapping[str, Any] | None) -> Iterable[str]:
    """The doubts of a decision, without those that a replay has answered since."""
    answered: set[str] = set()
    if again and again["same"] == again["jobs"]:
        answered = {check["reason"] for check in decided["checks"] if check["name"] == REPRODUCED}
    return [doubt for doubt in decided["doubts"] if doubt not in answered]
