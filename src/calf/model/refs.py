"""References: how users and clients point at things."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_PROJECT = "default"
USER, META, SPEC = "user", "meta", "spec"
FILESETS_REPO = "__filesets__"


@dataclass(frozen=True, slots=True, order=True)
class Repo:
    """A repo; prints as `project/name`, system repos as `project/name.type`."""

    project: str
    name: str
    type: str = USER

    def __str__(self) -> str:
        """Pachyderm's spelling, part of the error texts that clients match."""
        suffix = "" if self.type == USER else f".{self.type}"
        return f"{self.project}/{self.name}{suffix}"


@dataclass(frozen=True, slots=True, order=True)
class Branch:
    """A branch; prints as `project/repo@branch`."""

    repo: Repo
    name: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.name}"


@dataclass(frozen=True, slots=True, order=True)
class Commit:
    """A resolved commit: `id` is 32 hex digits.

    What users type (`master`, `master^2`, an id of another set) is a `CommitRef` until `pfs` has resolved it.
    """

    repo: Repo
    id: str

    @property
    def job(self) -> Job:
        """The job that made it, or whose datums' records it holds, if a pipeline made it."""
        return Job(Pipeline(self.repo.project, self.repo.name), self.id)

    def __str__(self) -> str:
        return f"{self.repo}@{self.id}"


@dataclass(frozen=True, slots=True, order=True)
class CommitRef:
    """A commit as asked for: `text` is an id or a branch, with ancestry (`master^`, `ID~2`, `master.1`)."""

    repo: Repo
    text: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.text}"


@dataclass(frozen=True, slots=True, order=True)
class File:
    """A path in a commit; `datum` is the tag of its owner (empty: whoever owns it)."""

    commit: Commit
    path: str
    datum: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Pipeline:
    """A pipeline; prints as `project/name`."""

    project: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}/{self.name}"

    @property
    def repo(self) -> Repo:
        """The repo that holds its output."""
        return Repo(self.project, self.name)

    @property
    def meta_repo(self) -> Repo:
        """The repo that holds its datums' records."""
        return Repo(self.project, self.name, META)

    @property
    def spec_repo(self) -> Repo:
        """The repo whose commits are its versions."""
        return Repo(self.project, self.name, SPEC)


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """A job: `id` is the global id, that of its output commit too. Prints as `project/pipeline@id`."""

    pipeline: Pipeline
    id: str

    @property
    def output(self) -> Commit:
        """The commit that it writes."""
        return Commit(self.pipeline.repo, self.id)

    @property
    def meta(self) -> Commit:
        """The commit that keeps the records of its datums."""
        return Commit(self.pipeline.meta_repo, self.id)

    def __str__(self) -> str:
        return f"{self.pipeline}@{self.id}"


@dataclass(frozen=True, slots=True, order=True)
class Datum:
    """A datum of a job; `id` is 64 hex digits and the same in every job that has the same input paths."""

    job: Job
    id: str
