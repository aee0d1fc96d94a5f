"""All jobs that an output was made by, of whatever commit set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from calf.model.errors import NotFound
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.client.connection import Client


def jobs_behind(client: Client, last: Iterable[Message]) -> list[Message]:
    """The jobs `last` and every job behind them, upstream first, each once; one that is not there is none."""
    found = _Behind(client)
    for job in last:
        found.add(job)
    return list(found.jobs.values())


class _Behind:
    """The jobs found so far by project, pipeline and id, those that others need first."""

    def __init__(self, client: Client) -> None:
        self.jobs: dict[tuple[str, str, str], Message] = {}
        self._seen: set[tuple[str, str, str]] = set()
        self._client = client

    def add(self, job: Message) -> None:
        """Add what a job's inputs were made by, and the job itself."""
        key = (job.pipeline.project.name, job.pipeline.name, job.id)
        if key in self._seen:
            return
        self._seen.add(key)
        try:
            info = self._client.pps.InspectJob(pps.InspectJobRequest(job=job))
        except NotFound:
            return  # a commit of users, which no job made
        for commit in self._inputs(info.output_commit):
            made_by = pps.Pipeline(name=commit.repo.name, project=commit.repo.project)
            self.add(pps.Job(pipeline=made_by, id=commit.id))
        self.jobs[key] = info.job

    def _inputs(self, output: Message) -> list[Message]:
        try:
            info = self._client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=output))
        except NotFound:
            return []
        return [commit for commit in info.direct_provenance if commit.repo.type == "user"]
