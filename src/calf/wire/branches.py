"""Bridges the one field that the two Python clients read in opposite ways: `Commit.branch`.

python-pachyderm 7.6.0 takes a commit's repo and branch from `commit.branch`; pachyderm-sdk 2.12.2 expects
servers since 2.11 to leave it empty. Our answers always carry both, and lose the branch on their way to the
SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from calf.wire.messages import Message


def wants_branches(user_agent: str) -> bool:
    """Whether the client reads `commit.branch`."""
    return not user_agent.startswith("pachyderm-sdk")


def clear_branches(response: Message) -> None:
    """Empty `branch` in the commits of a response, in place, in those messages where Pachyderm does it."""
    clear = _CLEAR.get(response.DESCRIPTOR.full_name)
    if clear is not None:
        clear(response)


def _clear(message: Message, *fields: str) -> None:
    for name in fields:
        if message.HasField(name):
            getattr(message, name).ClearField("branch")


def _clear_file(message: Message, *fields: str) -> None:
    for name in fields:
        if message.HasField(name):
            _clear(getattr(message, name), "commit")


def _clear_diff(response: Message) -> None:
    _clear_file(response.new_file, "file")
    _clear_file(response.old_file, "file")


def _clear_commit_set(info: Message) -> None:
    for commit in info.commits:
        _clear(commit, "commit", "parent_commit")


_CLEAR: Mapping[str, Callable[[Message], None]] = {
    "pfs_v2.Commit": lambda commit: commit.ClearField("branch"),
    "pfs_v2.CommitInfo": lambda info: _clear(info, "commit", "parent_commit"),
    "pfs_v2.CommitSetInfo": _clear_commit_set,
    "pfs_v2.File": lambda file: _clear(file, "commit"),
    "pfs_v2.FileInfo": lambda info: _clear_file(info, "file"),
    "pfs_v2.DiffFileResponse": _clear_diff,
    "pfs_v2.BranchInfo": lambda info: _clear(info, "head"),
    "pfs_v2.FindCommitsResponse": lambda found: _clear(found, "found_commit", "last_searched_commit"),
}
