"""What a command that waits is waiting for, told on standard error once it takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

import click

from calf.model.errors import CalfError, NotFound, WrongState
from calf.views.states import job_state
from calf.views.words import paragraph
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.client.connection import Client

SECONDS = 3.0
_MOST = 5

Key = tuple[str, str, str]
"""Project, name and type of a repo; a pipeline's is that of its output."""


@contextmanager
def telling(look: Callable[[], Iterable[str]], every: float = SECONDS) -> Iterator[None]:
    """While the block waits, say every few seconds what `look` finds, when that is new.

    Looking ends when it fails: the call that waits tells of it.
    """
    done = Event()
    teller = Thread(target=_tell, args=(look, done, every), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def tell_of(client: Client) -> Callable[[Message], AbstractContextManager[None]]:
    """Gives for a job what tells of it while it is waited for."""
    return lambda job: telling(partial(what_is_open, client, job.id, key_of(job.pipeline)))


def _tell(look: Callable[[], Iterable[str]], done: Event, every: float) -> None:
    told: set[str] = set()
    while not done.wait(every):
        try:
            lines = list(look())
        except CalfError:
            return
        for line in () if done.is_set() else lines:
            if line not in told:
                click.echo(f"waiting: {line}", err=True)
        told = set(lines)


def what_is_open(client: Client, set_id: str, last: Key | None = None) -> list[str]:
    """What holds up a set, without what only waits for that; with `last` what holds up that repo's commit."""
    whole = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=set_id))
    commits = {key_of(info.commit.repo): info for info in client.pfs.InspectCommitSet(whole)}
    wanted = _behind(commits, last) if last else {key for key in commits if key[2] == "user"}
    ids = {set_id} | {commits[key].commit.id for key in wanted if not commits[key].HasField("finished")}
    jobs = {
        key_of(info.job.pipeline): info
        for each in sorted(ids)  # what a set was made from may be of others, each with its own jobs
        for info in _jobs(client, each)
        if not info.HasField("finished")
    }
    still = {key: commits[key] for key in wanted if key in jobs or not commits[key].HasField("finished")}
    first = [key for key, info in still.items() if not _inputs(info) & still.keys()]
    lines = sorted(filter(None, (words(still[key], jobs.get(key)) for key in first)))
    more = len(lines) - _MOST
    return [*lines[:_MOST], *([f"{more} more"] if more > 0 else [])]


def key_of(thing: Message) -> Key:
    """The key of a repo or a pipeline."""
    return thing.project.name, thing.name, getattr(thing, "type", "") or "user"


def _jobs(client: Client, set_id: str) -> list[Message]:
    request = pps.InspectJobSetRequest(job_set=pps.JobSet(id=set_id), details=True)
    with suppress(NotFound, WrongState):  # a set without jobs is an error to some servers
        return list(client.pps.InspectJobSet(request))
    return []


def _inputs(info: Message) -> set[Key]:
    return {key_of(each.repo) for each in info.direct_provenance}


def _behind(commits: Mapping[Key, Message], last: Key) -> set[Key]:
    """A commit of the set, and those that it is computed from."""
    found, todo = set(), [last]
    while todo:
        key = todo.pop()
        if key in commits and key not in found:
            found.add(key)
            todo += _inputs(commits[key])
    return found


def words(commit: Message, job: Message | None) -> str:
    """What an unfinished commit waits for, by itself or for its job; empty when it is just being finished."""
    if job is not None:
        return _of_job(job)
    return "" if commit.HasField("finishing") else _of_commit(commit)


def _of_job(info: Message) -> str:
    name = f"{info.job.pipeline.name}@{info.job.id}"
    reason = f": {paragraph(info.reason)}" if info.reason else ""
    if info.details.HasField("service") and not reason:
        return f"job {name} is a service, which goes on until new data come or its pipeline is stopped"
    return f"job {name} is {job_state(info.state)}{reason}"


def _of_commit(info: Message) -> str:
    name = f"{info.commit.repo.name}@{info.commit.id}"
    if info.origin.kind == pfs.AUTO:
        return f"commit {name} is open, and the job that makes it has not begun"
    return f"commit {name} is open, and no pipeline finishes it: `pachctl finish commit {name}`"
