"""Names of things as messages; nothing else, since every command that names something loads it."""

from __future__ import annotations

from calf.wire.messages import Message, pfs


def repo_called(text: str, project: str) -> Message:
    """The repo `name`, or `name.type` for a system repo: what `labels.repo_name` says of it."""
    name, _, kind = text.partition(".")
    return pfs.Repo(name=name, type=kind or "user", project=pfs.Project(name=project))
