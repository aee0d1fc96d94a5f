"""All repos of a project: how large, which branches, what is new, and who writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.model.errors import NotFound
from calf.views.labels import repo_name
from calf.views.words import printable
from calf.web.files.places import commit_at, commit_data, quoted
from calf.web.pages import Ask, Page
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs

ROWS = 100


def show_repos(ask: Ask) -> Page:
    """The repos by name; `?show=system` also pipelines' records, `?find=` a part of their names.

    Raises `NotFound` where there is no such project.
    """
    infos = sorted(
        ask.client.pfs.ListRepo(pfs.ListRepoRequest(projects=[pfs.Project(name=ask.project)])),
        key=lambda info: repo_name(info.repo),
    )
    if not infos:
        ask.check_project()
    written = {info.repo.name for info in infos if info.repo.type == "spec"}
    system, find, after = ask.text("show") == "system", ask.text("find"), ask.text("after")
    wanted = [
        info
        for info in infos
        if (system or info.repo.type == "user") and find in info.repo.name and repo_name(info.repo) > after
    ]
    shown = wanted[:ROWS]
    data = {
        "repos": [_row(ask, info, written) for info in shown],
        "system": system,
        "find": find,
        "more": repo_name(shown[-1].repo) if len(wanted) > ROWS else "",
        "any": bool(infos),
        "command": f"pachctl create repo images --project {quoted(ask.project)}",
    }
    return Page("files/repos.html", "Repos", data, live=True, section="repos")


def _row(ask: Ask, info: Message, written: set[str]) -> Mapping[str, Any]:
    system = info.repo.type != "user"
    names = sorted(branch.name for branch in info.branches)
    return {
        "name": repo_name(info.repo),
        "description": printable(info.description),
        "created": rfc3339(info.created),
        "size": info.details.size_bytes if info.HasField("details") else info.size_bytes_upper_bound,
        "branches": names,
        "head": None if system else _head(ask, info.repo, names),
        "pipeline": info.repo.name if info.repo.name in written else "",
    }


def _head(ask: Ask, repo: Message, branches: list[str]) -> Mapping[str, Any] | None:
    if not branches:
        return None
    branch = "master" if "master" in branches else branches[0]
    try:
        request = pfs.InspectCommitRequest(commit=commit_at(repo, branch))
        return commit_data(ask.client.pfs.InspectCommit(request))
    except NotFound:
        return None  # an empty branch, or one that has just gone
