"""What the graph needs of the server, in few questions whatever the number of pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from calf.client.connection import Client
from calf.views.labels import repo_name
from calf.wire.messages import Message, pfs, pps

_NEWEST = 1000
_SINGLY = 50
_USER = ("", "user")


@dataclass(frozen=True, slots=True)
class Now:
    """A project as it is: pipelines, repos of data, the newest job of each pipeline, by `project/name`."""

    pipelines: Mapping[str, Message]
    repos: Mapping[str, Message]
    jobs: Mapping[str, Message]


@dataclass(frozen=True, slots=True)
class Then:
    """A commit set: its jobs, its commits and those that they come from, by `project/name` of their repo."""

    id: str
    jobs: Mapping[str, Message]
    commits: Mapping[str, Message]

    def is_own(self, key: str) -> bool:
        """Whether the repo has a commit of the set itself."""
        return key in self.commits and self.commits[key].commit.id == self.id

    @property
    def edges(self) -> list[tuple[str, str]]:
        """What was read to make what."""
        return [
            (upper, key)
            for key, info in self.commits.items()
            for upper in dict.fromkeys(repo_key(each.repo) for each in info.direct_provenance)
            if upper in self.commits and upper != key
        ]


def read_now(client: Client, project: str) -> Now:
    """The project as it is. Raises `NotFound` when there is none of that name."""
    where = pfs.Project(name=project)
    client.pfs.InspectProject(pfs.InspectProjectRequest(project=where))
    pipelines = {
        key_of(info.pipeline): info
        for info in client.pps.ListPipeline(pps.ListPipelineRequest(details=True, projects=[where]))
    }
    repos = client.pfs.ListRepo(pfs.ListRepoRequest(type="user", projects=[where]))
    jobs = _newest_jobs(client, where, pipelines) if pipelines else {}
    return Now(pipelines, {repo_key(info.repo): info for info in repos}, jobs)


def read_set(client: Client, set_id: str) -> Then:
    """A commit set. Raises `NotFound`."""
    try:
        found = _settled(client, set_id)
    except _Moving as moving:
        return moving.found
    own = next(info for key, info in found.commits.items() if found.is_own(key))
    client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=own.commit))  # it may be gone by now
    return found


class _Moving(Exception):
    """A commit set that is not over, which nobody may keep."""

    def __init__(self, found: Then) -> None:
        self.found = found


@lru_cache(maxsize=16)
def _settled(client: Client, set_id: str) -> Then:
    """A commit set all of which is over; nothing of that changes any more. Raises `_Moving`, `NotFound`."""
    which = pps.InspectJobSetRequest(job_set=pps.JobSet(id=set_id))
    jobs = {key_of(info.job.pipeline): info for info in client.pps.InspectJobSet(which)}
    whole = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=set_id))
    commits: dict[str, Message] = {}
    for info in client.pfs.InspectCommitSet(whole):
        key = repo_key(info.commit.repo)
        if info.commit.repo.type in _USER and _is_nearer(info, commits.get(key), set_id):
            commits[key] = info
    found = Then(set_id, jobs, commits)
    own = [info for key, info in commits.items() if found.is_own(key)]
    if not own or not all(info.finished.seconds for info in (*own, *jobs.values())):
        raise _Moving(found)
    return found


def key_of(pipeline: Message) -> str:
    """What tells a pipeline, and its output, from all others."""
    return f"{pipeline.project.name}/{pipeline.name}"


def repo_key(repo: Message) -> str:
    """What tells a repo from all others."""
    return f"{repo.project.name}/{repo_name(repo)}"


def _newest_jobs(client: Client, project: Message, pipelines: Mapping[str, Message]) -> dict[str, Message]:
    """Nearly always they are among the newest of the project; those that are not are asked for one by one."""
    number = min(len(pipelines) + 20, _NEWEST)
    found: dict[str, Message] = {}
    _note(client.pps.ListJob(pps.ListJobRequest(projects=[project], number=number)), found)
    missing = [info for key, info in pipelines.items() if key not in found and info.last_job_state]
    for info in missing[:_SINGLY]:
        _note(client.pps.ListJob(pps.ListJobRequest(pipeline=info.pipeline, number=3)), found)
    return found


def _note(jobs: Sequence[Message], found: dict[str, Message]) -> None:
    for info in jobs:
        if not info.calf.detached:
            found.setdefault(key_of(info.job.pipeline), info)


def _is_nearer(info: Message, other: Message | None, set_id: str) -> bool:
    """Of two commits of a repo the set's own one stands for it, else the newer."""
    if other is None or info.commit.id == set_id:
        return True
    return bool(other.commit.id != set_id and info.started.seconds > other.started.seconds)
