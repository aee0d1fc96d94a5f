"""The records of versioned data. Times are seconds since the epoch as float, UTC; 0.0 stands for never."""

from __future__ import annotations

from dataclasses import dataclass, field

from calf.model.refs import Branch, Commit, File, Repo
from calf.model.states import CommitState, FileType, OriginKind


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """A namespace of repos and pipelines."""

    name: str
    description: str = ""
    created: float = 0.0
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RepoInfo:
    """A repo; `size` is that of the newest sized commit on master, in bytes."""

    repo: Repo
    created: float
    description: str = ""
    size: int = 0
    branches: tuple[Branch, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a branch follows another branch of its repo; conditions are alternatives unless `all`."""

    branch: str = ""
    all: bool = False
    rate_limit_spec: str = ""
    size: str = ""
    commits: int = 0
    cron_spec: str = ""


@dataclass(frozen=True, slots=True)
class BranchInfo:
    """A branch: its head and its edges in the DAG; `provenance` and `subvenance` are transitive closures.

    New heads of the branches in `never`, which are of the direct provenance, do not flow down to it.
    """

    branch: Branch
    head: Commit
    head_branch: str
    provenance: tuple[Branch, ...] = ()
    subvenance: tuple[Branch, ...] = ()
    direct_provenance: tuple[Branch, ...] = ()
    trigger: Trigger | None = None
    created: float = 0.0
    updated: float = 0.0
    never: tuple[Branch, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """A commit; `branch` is the branch that it was made on. `size` is None until the commit is finished.

    `branches` are the branches that its neighbours (parent, children, provenance, subvenance) were made on.
    """

    commit: Commit
    branch: str
    origin: OriginKind
    description: str = ""
    parent: Commit | None = None
    children: tuple[Commit, ...] = ()
    started: float = 0.0
    finishing: float = 0.0
    finished: float = 0.0
    direct_provenance: tuple[Commit, ...] = ()
    direct_subvenance: tuple[Commit, ...] = ()
    error: str = ""
    size: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    branches: dict[Commit, str] = field(default_factory=dict)

    @property
    def state(self) -> CommitState:
        """FINISHED, FINISHING or STARTED; READY depends on other commits and is asked of `pfs`."""
        if self.finished:
            return CommitState.FINISHED
        return CommitState.FINISHING if self.finishing else CommitState.STARTED


@dataclass(frozen=True, slots=True)
class CommitSetInfo:
    """All commits that one transaction made, provenance first."""

    id: str
    commits: tuple[CommitInfo, ...]


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file or directory in a commit.

    `size` in bytes (a directory's is the sum), `hash` 32 bytes of content hash. Directories print with a
    trailing slash in `file.path`.
    """

    file: File
    type: FileType
    size: int
    hash: bytes
    committed: float = 0.0
