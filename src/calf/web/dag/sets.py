"""The bar of commit sets: what happened to the project, newest first, to choose one or two of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import InvalidArgument
from calf.views.states import job_state
from calf.web.dag.nodes import state_of_set
from calf.web.dag.reading import Then
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, google, pfs, pps

PAGE = 8


def sets_of(client: Client, project: str, after: str, chosen: Iterable[Then]) -> dict[str, Any]:
    """A page of the bar, and the marker of the next one; chosen sets that are not on it stand first."""
    where = [pfs.Project(name=project)]
    request = pps.ListJobSetRequest(projects=where, number=PAGE + 1)
    if after:
        request.paginationMarker.CopyFrom(_marker(after))
    found = list(islice(client.pps.ListJobSet(request), PAGE + 1))
    shown = [describe_set(each.job_set.id, list(each.jobs)) for each in found[:PAGE]]
    there = {each["id"] for each in shown}
    others = [
        describe_set(each.id, list(each.jobs.values()), each) for each in chosen if each.id not in there
    ]
    rest = found[PAGE - 1].jobs if len(found) > PAGE else []
    newest = max((_time_of(info) for info in rest), default=(0, 0))
    return {"sets": others + shown, "after": "{}.{:09d}".format(*newest) if rest else ""}


def describe_set(set_id: str, jobs: list[Message], then: Then | None = None) -> dict[str, Any]:
    """A set in a few words: when, how many jobs, how they stand."""
    states = Counter(job_state(info.state) for info in jobs)
    begun = [info.created for info in jobs]
    if not begun and then is not None:
        begun = [info.started for info in then.commits.values() if info.commit.id == set_id]
    return {
        "id": set_id,
        "time": rfc3339(min(begun, key=lambda each: (each.seconds, each.nanos))) if begun else "",
        "jobs": len(jobs),
        "states": dict(states),
        "state": state_of_set(states),
    }


def _time_of(info: Message) -> tuple[int, int]:
    return int(info.created.seconds), int(info.created.nanos)


def _marker(text: str) -> Message:
    seconds, _, nanos = text.partition(".")
    if not (seconds.isascii() and seconds.isdecimal() and nanos.isascii() and nanos.isdecimal()):
        raise InvalidArgument(f"?after={text[:40]} is no time", "take the link `Older` again")
    if len(seconds) > 11 or len(nanos) != 9:
        raise InvalidArgument(f"?after={text[:40]} is no time", "take the link `Older` again")
    return google.Timestamp(seconds=int(seconds), nanos=int(nanos))
