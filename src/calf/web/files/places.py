"""What a URL of this topic points at, as messages, and how pages lead back to it."""

from __future__ import annotations

import re
from shlex import quote
from typing import Any

from calf.client.connection import Client
from calf.client.last_good import last_good
from calf.model.names import is_id
from calf.views.labels import repo_name
from calf.views.names import repo_called
from calf.views.words import printable
from calf.web import links
from calf.web.pages import Ask
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs

Crumbs = tuple[tuple[str, str], ...]
_ANCESTRY = re.compile(r"[\^~.]")
SYSTEM = ("meta", "spec")


def repo_of(ask: Ask) -> Message:
    """The repo that the URL names, `name` or `name.type`."""
    return repo_called(ask.path["name"], ask.project)


def commit_at(repo: Message, text: str) -> Message:
    """A commit by its id or a branch, either with ancestry (`master^2`)."""
    if is_id(_ANCESTRY.split(text, maxsplit=1)[0]):
        return pfs.Commit(repo=repo, id=text)
    return pfs.Commit(repo=repo, branch=pfs.Branch(repo=repo, name=text))


def find_commit(ask: Ask, text: str) -> Message:
    """The record of a commit of the URL's repo. Raises `NotFound`."""
    commit = commit_at(repo_of(ask), text)
    return ask.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit))


def file_in(commit: Message, path: str) -> Message:
    """A path of a commit."""
    return pfs.File(commit=commit, path=path)


def quoted(text: str) -> str:
    """For a shell, and readable where that is not needed: a link of somebody else's may have named it."""
    return quote(printable(text))


def put_words(repo: Message, branch: str, path: str = "/") -> str:
    """The command that puts a folder into a branch."""
    place = quoted(f"{repo_name(repo)}@{branch}:{path}")
    return f"pachctl put file {place} -r -f FOLDER --project {quoted(repo.project.name)}"


def crumbs_to_repo(ask: Ask) -> Crumbs:
    """The way to the repo's page."""
    name = ask.path["name"]
    return (("Repos", links.repos(ask.project)), (name, links.repo(ask.project, name)))


def crumbs_to_commit(ask: Ask, commit_id: str) -> Crumbs:
    """The way to a commit's page."""
    link = links.commit(ask.project, ask.path["name"], commit_id)
    return (*crumbs_to_repo(ask), (commit_id[:8], link))


def crumbs_to_path(ask: Ask, commit_id: str, path: str) -> Crumbs:
    """The way to the folder that a path lies in, a step for each folder."""
    name = ask.path["name"]
    found = [*crumbs_to_commit(ask, commit_id), ("files", links.files(ask.project, name, commit_id))]
    parts = [part for part in path.split("/") if part]
    for depth in range(1, len(parts)):
        folder = "/" + "/".join(parts[:depth])
        found.append((printable(parts[depth - 1]), links.files(ask.project, name, commit_id, folder)))
    return tuple(found)


def reference(commit: Message) -> dict[str, str]:
    """A commit that a page leads to: project, repo, id and branch."""
    return {
        "project": commit.repo.project.name,
        "repo": repo_name(commit.repo),
        "id": commit.id,
        "branch": commit.branch.name,
    }


def commit_data(info: Message) -> dict[str, Any]:
    """What lists and pages say of a commit; `exact` tells a size from what it is at most."""
    exact = info.HasField("details")
    return {
        **reference(info.commit),
        "state": state_of(info),
        "started": rfc3339(info.started),
        "finished": rfc3339(info.finished),
        "size": info.details.size_bytes if exact else info.size_bytes_upper_bound,
        "exact": exact,
        "origin": pfs.OriginKind.Name(info.origin.kind).lower(),
        "message": printable(info.description),
        "error": printable(info.error),
        "by": info.created_by,
        "parent": info.parent_commit.id,
    }


def good_before(client: Client, info: Message) -> str:
    """The id of the last good commit before one that has an error; empty for a good one, and where there is
    none.
    """
    return last_good(client, info).rpartition("@")[2] if info.error else ""


def state_of(info: Message) -> str:
    """`open`, `finishing`, `finished` or `error`."""
    if info.error:
        return "error"
    if info.HasField("finished"):
        return "finished"
    return "finishing" if info.HasField("finishing") else "open"
