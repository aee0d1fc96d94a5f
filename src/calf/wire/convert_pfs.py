"""The records of versioned data between the model and the wire."""

from __future__ import annotations

from calf.model.pfs_infos import (
    BranchInfo,
    CommitInfo,
    CommitSetInfo,
    FileInfo,
    ProjectInfo,
    RepoInfo,
    Trigger,
)
from calf.model.refs import Commit
from calf.wire.convert_refs import (
    fill_commit,
    write_branch,
    write_commit,
    write_file,
    write_project,
    write_repo,
)
from calf.wire.messages import Message, pfs
from calf.wire.times import write_time


def write_project_info(info: ProjectInfo) -> Message:
    """A ProjectInfo."""
    return pfs.ProjectInfo(
        project=write_project(info.name),
        description=info.description,
        created_at=write_time(info.created),
        metadata=info.metadata,
    )


def write_repo_info(info: RepoInfo) -> Message:
    """A RepoInfo; its exact size and the upper bound are the same, since ours is always known."""
    return pfs.RepoInfo(
        repo=write_repo(info.repo),
        created=write_time(info.created),
        size_bytes_upper_bound=info.size,
        description=info.description,
        branches=[write_branch(branch) for branch in info.branches],
        details=pfs.RepoInfo.Details(size_bytes=info.size),
        metadata=info.metadata,
    )


def read_trigger(message: Message) -> Trigger:
    """A Trigger."""
    return Trigger(
        branch=message.branch,
        all=message.all,
        rate_limit_spec=message.rate_limit_spec,
        size=message.size,
        commits=message.commits,
        cron_spec=message.cron_spec,
    )


def write_trigger(trigger: Trigger) -> Message:
    """A Trigger."""
    return pfs.Trigger(
        branch=trigger.branch,
        all=trigger.all,
        rate_limit_spec=trigger.rate_limit_spec,
        size=trigger.size,
        commits=trigger.commits,
        cron_spec=trigger.cron_spec,
    )


def write_branch_info(info: BranchInfo) -> Message:
    """A BranchInfo."""
    return pfs.BranchInfo(
        branch=write_branch(info.branch),
        head=write_commit(info.head, info.head_branch),
        provenance=[write_branch(branch) for branch in info.provenance],
        subvenance=[write_branch(branch) for branch in info.subvenance],
        direct_provenance=[write_branch(branch) for branch in info.direct_provenance],
        trigger=write_trigger(info.trigger) if info.trigger else None,
        created_at=write_time(info.created),
        updated_at=write_time(info.updated),
        metadata=info.metadata,
        branch_propagation_specs=[
            pfs.BranchPropagationSpec(
                branch=write_branch(branch), propagation_spec=pfs.PropagationSpec(never=True)
            )
            for branch in info.never
        ],
    )


def write_commit_info(info: CommitInfo) -> Message:
    """A CommitInfo; `details` is there once the size is known."""

    def fill(place: Message, neighbour: Commit) -> None:
        fill_commit(place, neighbour, info.branches.get(neighbour, ""))

    details = None if info.size is None else pfs.CommitInfo.Details(size_bytes=info.size)
    message = pfs.CommitInfo(
        commit=write_commit(info.commit, info.branch),
        origin=pfs.CommitOrigin(kind=info.origin.value),
        description=info.description,
        started=write_time(info.started),
        finishing=write_time(info.finishing),
        finished=write_time(info.finished),
        error=info.error,
        size_bytes_upper_bound=info.size or 0,
        details=details,
        metadata=info.metadata or None,
        created_at=write_time(info.started),
        updated_at=write_time(info.finished or info.finishing or info.started),
    )
    if info.parent:
        fill(message.parent_commit, info.parent)
    for field, commits in (
        (message.child_commits, info.children),
        (message.direct_provenance, info.direct_provenance),
        (message.direct_subvenance, info.direct_subvenance),
    ):
        for commit in commits:
            fill(field.add(), commit)
    return message


def write_commit_set_info(info: CommitSetInfo) -> Message:
    """A CommitSetInfo."""
    return pfs.CommitSetInfo(
        commit_set=pfs.CommitSet(id=info.id), commits=[write_commit_info(commit) for commit in info.commits]
    )


def write_file_info(info: FileInfo, branch: str = "") -> Message:
    """A FileInfo; `branch` as in `write_commit`."""
    return pfs.FileInfo(
        file=write_file(info.file, branch),
        file_type=info.type.value,
        committed=write_time(info.committed),
        size_bytes=info.size,
        hash=info.hash,
    )
