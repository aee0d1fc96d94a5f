"""The bar of commit sets: what happened to the project, newest first, to choose one or two of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from calf.client.connection import Client
from calf.model.errors import InvalidArgument
from calf.views.states import job_state
from calf.web.dag.nodes import state_of_set
from calf.web.dag.reading import Then
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, google, pfs, pps

PAGE = 8
_TIME = re.compile(r"[0-9]{1,11}\.[0-9]{9}")


def sets_of(client: Client, project: str, after: str, chosen: Iterable[Then]) -> dict[str, Any]:
    """A page of the bar, and the marker of the next one; chosen sets that are not on it stand first.

    A set stands where its newest job does; its other jobs, which are older, bring it no second time.
    """
    where = [pfs.Project(name=project)]
    request = pps.ListJobSetRequest(projects=where, number=PAGE + 2 if after else PAGE + 1)
    time, _, last = after.partition("-")
    if after:
        request.paginationMarker.CopyFrom(_marker(time))
    found = [each for each in client.pps.ListJobSet(request) if each.job_set.id != last]
    shown = [describe_set(each.job_set.id, list(each.jobs)) for each in found[:PAGE]]
    there = {each["id"] for each in shown}
    others = [
        describe_set(each.id, list(each.jobs.values()), each) for each in chosen if each.id not in there
    ]
    return {"sets": others + shown, "after": _after(found[PAGE - 1]) if len(found) > PAGE else ""}


def _after(last: Message) -> str:
    seconds, nanos = max((int(info.created.seconds), int(info.created.nanos)) for info in last.jobs)
    return f"{seconds}.{nanos:09d}-{last.job_set.id}"


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


def _marker(text: str) -> Message:
    seconds, _, nanos = text.partition(".")
    if not _TIME.fullmatch(text):
        raise InvalidArgument(f"?after={text[:40]} is no time", "take the link `Older` again")
    return google.Timestamp(seconds=int(seconds), nanos=int(nanos))
