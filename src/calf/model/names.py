"""What may be a name and what may be an id."""

from __future__ import annotations

import re

from calf.model.errors import InvalidArgument

_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_ID = re.compile(r"[0-9a-f]{12}4[0-9a-f]{19}")
MAX_PROJECT_NAME = 51
MAX_PIPELINE_NAME = 51


def is_id(text: str) -> bool:
    """Whether `text` has the form of a commit, job or transaction id (a UUIDv4 in hex)."""
    return _ID.fullmatch(text) is not None


def check_name(name: str) -> None:
    """Refuse what is not a legal name of a repo, branch, project or pipeline."""
    if not _NAME.fullmatch(name):
        raise InvalidArgument(
            f"name ({name}) invalid: only alphanumeric characters, underscores, and dashes are allowed"
        )


def check_branch_name(name: str) -> None:
    """Refuse an illegal branch name; a name that looks like an id could never be told from a commit."""
    check_name(name)
    if is_id(name):
        raise InvalidArgument(f"branch name ({name}) invalid: it has the form of a commit id")


def check_project_name(name: str) -> None:
    """Refuse an illegal project name."""
    check_name(name)
    if len(name) > MAX_PROJECT_NAME:
        raise InvalidArgument(
            f'project name "{name}" is {len(name) - MAX_PROJECT_NAME} characters longer than the '
            f"{MAX_PROJECT_NAME} max"
        )
    if not name[0].isalnum():
        raise InvalidArgument("project names must start with an alphanumeric character")
