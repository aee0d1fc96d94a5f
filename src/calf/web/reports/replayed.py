"""Whether what a result was made by has been run again since, and came out the same.

A decision says what was known when it was taken, and stays as it is. That nobody had replayed the jobs is no
doubt any more once they were, here or by `pachctl replay`: the server has signed and kept how each came out.
A proof with the replays (`pachctl attest --replay all`) brings it into a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from calf.client.connection import Client
from calf.model.statement.replays import LEVELS
from calf.views.replay.kept import kept_replays
from calf.web.lineage.spots import Spot, spot_of
from calf.web.reports.runs import Run
from calf.web.shaping import rfc3339
from calf.wire.times import read_time, write_time

if TYPE_CHECKING:
    from calf.web.actions.replays import Replays

REPRODUCED = "reproduced"
"""The gate that asks for replays."""


@dataclass(frozen=True, slots=True)
class Again:
    """How the newest replay of a job came out; `replay` is the page that says more, while there is one."""

    ok: bool
    at: float
    signed: bool
    project: str = ""
    replay: str = ""


def outcomes(client: Client, replays: Replays, spots: Iterable[Spot] = ()) -> dict[Spot, Again]:
    """What became of the jobs that made some commits, or of all, when they were run again: one question.

    What the server keeps, and what this dashboard saw that cannot be signed, such as a run that failed.
    """
    found: dict[Spot, Again] = {}
    for each in kept_replays(client, [spot.message for spot in spots]):
        found.setdefault(spot_of(each.commit), Again(each.result in LEVELS, read_time(each.signed), True))
    for key, told in replays.outcomes().items():
        kept = found.get(Spot(*key))
        if kept is not None and kept.ok == told.ok:
            found[Spot(*key)] = replace(kept, project=told.project, replay=told.replay)
        elif kept is None or kept.at < told.at:
            found[Spot(*key)] = Again(told.ok, told.at, False, told.project, told.replay)
    return found


def replayed(done: Mapping[Spot, Again], run: Run) -> dict[str, Any] | None:
    """How many jobs of a run were replayed and were the `same`; None where none was.

    `when` is the newest of them, `signed` whether the server vouches for each; `replay` is empty where this
    dashboard has not seen them. One that is no longer on record counts among the `jobs`: nobody can run it.
    """
    spots = {name: run.commits[name].spot for name in run.jobs}
    found = {name: done[spot] for name, spot in spots.items() if spot in done}
    if not found:
        return None
    newest = max(found.values(), key=lambda each: (each.at, each.replay))
    return {
        "jobs": sum(not each.by_people for each in run.commits.values()),
        "same": sum(each.ok for each in found.values()),
        "differ": sorted(name for name, each in found.items() if not each.ok),
        "when": rfc3339(write_time(newest.at)),
        "signed": all(each.signed for each in found.values()),
        "project": newest.project,
        "replay": newest.replay,
    }


def replayed_since(client: Client, replays: Replays, run: Run) -> dict[str, Any] | None:
    """`replayed` of one run, asked for by itself."""
    spots = [run.commits[name].spot for name in run.jobs]
    return replayed(outcomes(client, replays, spots), run) if spots else None


def open_doubts(decided: Mapping[str, Any], again: Mapping[str, Any] | None) -> Iterable[str]:
    """The doubts of a decision, without those that a replay has answered since."""
    answered: set[str] = set()
    if again and again["same"] == again["jobs"]:
        answered = {check["reason"] for check in decided["checks"] if check["name"] == REPRODUCED}
    return [doubt for doubt in decided["doubts"] if doubt not in answered]
