"""Asking a server what changes: ours says so by itself, any other Pachyderm is looked at once a second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import CalfError, Category, Unimplemented
from calf.wire.messages import google, pfs, pps

Changes = Mapping[str, frozenset[str]]
"""Kinds (`projects`, `repos`, `pipelines`, `jobs`) by project; "" stands for all of them."""
ANYTHING: Changes = {"": frozenset({"projects", "repos", "pipelines", "jobs"})}
Projects = Callable[[], set[str]]
"""Those that somebody looks at now; "" stands for the list of them."""
PAUSE = 1.0
"""Seconds between two looks at a server that does not say by itself what changes."""
_NEWEST = 20
_NOTHING = (Category.NOT_FOUND, Category.DENIED, Category.INVALID)
"""What a server says of a project that is not there, or not for us: other windows are told of theirs."""


def watch(client: Client, projects: Projects, ended: threading.Event) -> Iterator[Changes]:
    """What changes, from now on, until `ended` or the connection is closed.

    What it gives first says only that it looks. Raises CalfError.
    """
    try:
        told = client.call("/calf_v1.Watching/Changes", google.Empty())
        if ended.is_set():  # by who found no connection yet to be closed
            client.close()
        for news in told:
            yield {change.project: frozenset(change.kinds) for change in news.changes}
    except Unimplemented:
        yield from _compare(client, projects, ended)


def _compare(client: Client, projects: Projects, ended: threading.Event) -> Iterator[Changes]:
    seen: dict[str, dict[str, object]] = {}
    while not ended.is_set():
        yield {name: kinds for name in sorted(projects()) if (kinds := _differences(client, name, seen))}
        ended.wait(PAUSE)


def _differences(client: Client, project: str, seen: dict[str, dict[str, object]]) -> frozenset[str]:
    """What is another than at the last look; at the first anything may be, since somebody's page was made."""
    before = seen.get(project, {})
    seen[project] = now = _look(client, project)
    return frozenset(kind for kind in now if kind not in before or now[kind] != before[kind])


def _look(client: Client, project: str) -> dict[str, object]:
    """The newest of each kind, as far as it shows that something happened."""
    if not project:
        return {"projects": [info.project.name for info in client.pfs.ListProject(pfs.ListProjectRequest())]}
    of = [pfs.Project(name=project)]
    newest_jobs = pps.ListJobRequest(projects=of, history=-1, number=_NEWEST)
    try:
        return {
            "repos": (_repos(client, of), _newest_sets(client, of[0])),
            "pipelines": [
                (it.pipeline.name, it.version, it.state, it.last_job_state, it.stopped)
                for it in client.pps.ListPipeline(pps.ListPipelineRequest(projects=of))
            ],
            "jobs": [
                (
                    it.job.id,
                    it.job.pipeline.name,
                    it.state,
                    it.data_processed,
                    it.data_skipped,
                    it.data_failed,
                )
                for it in islice(client.pps.ListJob(newest_jobs), _NEWEST)
            ],
        }
    except CalfError as error:
        if error.category not in _NOTHING:
            raise
        return {"repos": None, "pipelines": None, "jobs": None}


def _repos(client: Client, projects: list[Any]) -> list[object]:
    """Those of users with their branches: a new one has no commit."""
    found = client.pfs.ListRepo(pfs.ListRepoRequest(type="user", projects=projects))
    return [(it.repo.name, it.description, [branch.name for branch in it.branches]) for it in found]


def _newest_sets(client: Client, project: Any) -> list[object]:
    """The newest commit sets, and how many of their commits have finished."""
    found = client.pfs.ListCommitSet(pfs.ListCommitSetRequest(project=project))
    try:
        return [
            (it.commit_set.id, sum(commit.HasField("finished") for commit in it.commits))
            for it in islice(found, 2)
        ]
    finally:
        found.close()
