"""Pickers, by which newer clients point at things: here they become the references that all others use."""

from __future__ import annotations

from calf.model.ancestry import parse
from calf.model.errors import InvalidArgument
from calf.model.refs import DEFAULT_PROJECT, USER, Branch, CommitRef, Repo
from calf.wire.messages import Message


def read_project_picker(message: Message) -> str:
    """The name of a project, `default` when empty."""
    return message.name or DEFAULT_PROJECT


def read_repo_picker(message: Message) -> Repo:
    """A repo. Raises InvalidArgument when it has no name."""
    if not message.name.name:
        raise InvalidArgument("repo must be specified")
    return Repo(read_project_picker(message.name.project), message.name.name, message.name.type or USER)


def read_branch_picker(message: Message) -> Branch:
    """A branch. Raises InvalidArgument when it or its repo has no name."""
    if not message.name.name:
        raise InvalidArgument("branch must be specified")
    return Branch(read_repo_picker(message.name.repo), message.name.name)


def read_commit_picker(message: Message) -> CommitRef:
    """A commit as asked for. Raises InvalidArgument when nothing is picked."""
    match message.WhichOneof("picker"):
        case "branch_head":
            branch = read_branch_picker(message.branch_head)
            return CommitRef(branch.repo, branch.name)
        case "id":
            return CommitRef(read_repo_picker(message.id.repo), message.id.id)
        case "ancestor":
            return _back(read_commit_picker(message.ancestor.start), message.ancestor.offset)
        case "branch_root":
            branch = read_branch_picker(message.branch_root.branch)
            return CommitRef(branch.repo, f"{branch.name}.{message.branch_root.offset}")
        case _:
            raise InvalidArgument("commit must be specified", "pick one by id, branch or ancestry")


def _back(start: CommitRef, offset: int) -> CommitRef:
    """The commit that many parents before another one that is asked for."""
    parsed = parse(start.text)
    if parsed.from_root is None:
        return CommitRef(start.repo, f"{parsed.base}^{parsed.back + offset}")
    if parsed.from_root <= offset:
        raise InvalidArgument(f"there is no commit {offset} before {start}")
    return CommitRef(start.repo, f"{parsed.base}.{parsed.from_root - offset}")
