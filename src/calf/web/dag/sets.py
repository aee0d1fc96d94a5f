"""The bar of commit sets: what happened to the project, newest first, to choose one or two of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import InvalidArgument, NotFound
from calf.views.states import job_state
from calf.web.dag.nodes import OVER, state_of_set
from calf.web.dag.reading import Then
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, google, pfs, pps

PAGE = 8
_TIME = re.compile(r"[0-9]{1,11}\.[0-9]{9}")


def sets_of(client: Client, project: str, after: str, chosen: Iterable[Then]) -> dict[str, Any]:
    """A page of the bar, and the marker of the next one; chosen sets that are not on it stand first.

    A set stands where its newest job does; its other jobs, which are older, bring it no second time.
    """
    time, _, last = after.partition("-")
    walk = _sets(client, pfs.Project(name=project), _marker(time) if after else None)
    found = list(islice((each for each in walk if each.id != last), PAGE + 1))
    shown = [each.words for each in found[:PAGE]]
    there = {each.id for each in found[:PAGE]}
    others = [
        describe_set(each.id, list(each.jobs.values()), each) for each in chosen if each.id not in there
    ]
    return {"sets": others + shown, "after": _after(found[PAGE - 1]) if len(found) > PAGE else ""}


@dataclass(frozen=True, slots=True)
class _Set:
    """A set as the bar needs it: what it says of it, and when its first and its last job were made."""

    id: str
    words: dict[str, Any]
    first: tuple[int, int]
    last: tuple[int, int]


class _Moving(Exception):
    """A set some of whose jobs are not over, which nobody may keep."""

    def __init__(self, found: _Set) -> None:
        self.found = found


def _sets(client: Client, project: Message, marker: Message | None) -> Iterator[_Set]:
    """From a moment on, newest first: the newest job, its set, the newest job before that set.

    Jobs of a set are made at once, so none of another one lies between them; and what is over is asked for
    only once. Where that does not hold the server is asked for whole sets.
    """
    while True:
        request = pps.ListJobRequest(projects=[project], number=1, paginationMarker=marker)
        newest = next(iter(client.pps.ListJob(request)), None)
        if newest is None:
            return
        try:
            found = _set(client, newest.job.id)
        except NotFound:  # its commits are gone
            found = None
        if found is None or found.last[0] - found.first[0] > 1:
            yield from _whole_sets(client, project, marker)
            return
        yield found
        marker = google.Timestamp(seconds=found.first[0], nanos=found.first[1])


def _whole_sets(client: Client, project: Message, marker: Message | None) -> Iterator[_Set]:
    request = pps.ListJobSetRequest(projects=[project], number=PAGE + 2, paginationMarker=marker)
    yield from (_described(each.job_set.id, list(each.jobs)) for each in client.pps.ListJobSet(request))


def _set(client: Client, set_id: str) -> _Set:
    try:
        return _settled(client, set_id)
    except _Moving as moving:
        return moving.found


@lru_cache(maxsize=1024)
def _settled(client: Client, set_id: str) -> _Set:
    """A set all of whose jobs are over, which stays as it is. Raises `_Moving`, `NotFound`."""
    jobs = list(client.pps.InspectJobSet(pps.InspectJobSetRequest(job_set=pps.JobSet(id=set_id))))
    found = _described(set_id, jobs)
    if not jobs or not found.words["states"].keys() <= OVER:
        raise _Moving(found)
    return found


def _described(set_id: str, jobs: list[Message]) -> _Set:
    begun = [(int(info.created.seconds), int(info.created.nanos)) for info in jobs] or [(0, 0)]
    return _Set(set_id, describe_set(set_id, jobs), min(begun), max(begun))


def _after(last: _Set) -> str:
    return f"{last.last[0]}.{last.last[1]:09d}-{last.id}"


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
