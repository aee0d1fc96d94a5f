"""References between the wire and the model.

Reading bridges what clients of different ages send: no project means `default`, no repo type means `user`, a
commit's repo may stand in `commit.repo` or `commit.branch.repo`, what it names in `id` or `branch.name`.
Writing fills both.
"""

from __future__ import annotations

from functools import lru_cache

from calf.model.errors import InvalidArgument
from calf.model.refs import DEFAULT_PROJECT, USER, Branch, Commit, CommitRef, File, Job, Pipeline, Repo
from calf.wire.messages import Message, pfs, pps


def read_project(message: Message) -> str:
    """The name of a Project, `default` when empty."""
    return message.name or DEFAULT_PROJECT


def read_repo(message: Message) -> Repo:
    """A Repo. Raises InvalidArgument when it has no name."""
    if not message.name:
        raise InvalidArgument("repo must be specified")
    return Repo(read_project(message.project), message.name, message.type or USER)


def read_branch(message: Message) -> Branch:
    """A Branch. Raises InvalidArgument when it or its repo has no name."""
    if not message.name:
        raise InvalidArgument("branch must be specified")
    return Branch(read_repo(message.repo), message.name)


def read_commit_ref(message: Message, default: Repo | None = None) -> CommitRef:
    """A Commit as asked for: an id, a branch or either with ancestry, still to be resolved.

    `default` is the repo of a commit that names none. Raises InvalidArgument when repo or both id and branch
    are missing.
    """
    text = message.id or message.branch.name
    if not text:
        raise InvalidArgument("commit must be specified by an id or a branch")
    if message.repo.name:
        return CommitRef(read_repo(message.repo), text)
    if message.branch.repo.name or default is None:
        return CommitRef(read_repo(message.branch.repo), text)
    return CommitRef(default, text)


def read_file(message: Message) -> tuple[CommitRef, str, str]:
    """A File: its commit as asked for, its path and its datum (empty: any)."""
    return read_commit_ref(message.commit), message.path, message.datum


def read_pipeline(message: Message) -> Pipeline:
    """A Pipeline. Raises InvalidArgument when it has no name."""
    if not message.name:
        raise InvalidArgument("pipeline must be specified")
    return Pipeline(read_project(message.project), message.name)


def read_job(message: Message) -> Job:
    """A Job. Raises InvalidArgument when its pipeline or id is missing."""
    if not message.id:
        raise InvalidArgument("must specify a job")
    return Job(read_pipeline(message.pipeline), message.id)


def write_project(name: str) -> Message:
    """A Project."""
    return pfs.Project(name=name)


def write_repo(repo: Repo) -> Message:
    """A Repo."""
    return pfs.Repo(name=repo.name, type=repo.type, project=write_project(repo.project))


def write_branch(branch: Branch) -> Message:
    """A Branch."""
    return pfs.Branch(repo=write_repo(branch.repo), name=branch.name)


def write_commit(commit: Commit, branch: str = "") -> Message:
    """A Commit; `branch` is the branch that it was made on, where known. Old clients read the repo from
    there."""
    message = pfs.Commit()
    fill_commit(message, commit, branch)
    return message


def fill_commit(into: Message, commit: Commit, branch: str = "") -> None:
    """As `write_commit`, into an empty Commit: a tenth of the time, where it is a part of another message."""
    into.CopyFrom(_of_repo(commit.repo, branch))
    into.id = commit.id


@lru_cache(maxsize=2048)
def _of_repo(repo: Repo, branch: str) -> Message:
    """A Commit without its id. Danger: kept, so only to be copied from."""
    written = write_repo(repo)
    return pfs.Commit(repo=written, branch=pfs.Branch(repo=written, name=branch))


def write_file(file: File, branch: str = "") -> Message:
    """A File."""
    return pfs.File(commit=write_commit(file.commit, branch), path=file.path, datum=file.datum)


def write_pipeline(pipeline: Pipeline) -> Message:
    """A Pipeline."""
    return pps.Pipeline(project=write_project(pipeline.project), name=pipeline.name)


def write_job(job: Job) -> Message:
    """A Job."""
    return pps.Job(pipeline=write_pipeline(job.pipeline), id=job.id)
