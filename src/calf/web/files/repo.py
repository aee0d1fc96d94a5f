"""A repo: its branches, and the commits of one of them, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from time import monotonic
from typing import Any

from calf.model.errors import NotFound
from calf.views.labels import repo_name
from calf.views.words import printable
from calf.web import links
from calf.web.files.changes import find_changes
from calf.web.files.places import commit_at, commit_data, put_words, reference, repo_of
from calf.web.pages import Ask, Page
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs

ROWS = 50
_BRANCHES = 100
_SECONDS, _COUNTED = 0.15, 200


def show_repo(ask: Ask) -> Page:
    """Facts, branches, and a page of commits of `?branch=`, or of master, that begins behind `?after=`."""
    repo = repo_of(ask)
    info = ask.client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=repo))
    found = ask.client.pfs.ListBranch(pfs.ListBranchRequest(repo=repo))
    branches = list(islice(found, _BRANCHES))
    branch = _chosen([each.name for each in info.branches], ask.text("branch"))
    commits, more = list_commits(ask, repo, branch, ask.text("after"))
    _count_changes(ask, repo, commits)
    pipeline = pipeline_of(ask, repo)
    data = {
        "repo": {
            "name": repo_name(info.repo),
            "type": info.repo.type,
            "description": printable(info.description),
            "created": rfc3339(info.created),
            "size": info.details.size_bytes if info.HasField("details") else info.size_bytes_upper_bound,
            "pipeline": pipeline,
            "metadata": {printable(key): printable(value) for key, value in sorted(info.metadata.items())},
        },
        "branches": [_branch(each) for each in branches],
        "more_branches": len(info.branches) - len(branches),
        "branch": branch,
        "commits": commits,
        "more": more,
        "writable": info.repo.type == "user" and not pipeline,
        "command": put_words(repo, branch or "master"),
    }
    crumbs = (("Repos", links.repos(ask.project)),)
    return Page("files/repo.html", ask.path["name"], data, crumbs, live=True, section="repos")


def list_commits(ask: Ask, repo: Message, branch: str, after: str) -> tuple[list[dict[str, Any]], str]:
    """A page of the commits of a branch (of all when it is empty), and the last of them if more follow."""
    request = pfs.ListCommitRequest(repo=repo, number=ROWS + 1 + bool(after), all=True)
    if after or branch:
        request.to.CopyFrom(commit_at(repo, after or branch))
    try:
        found = [commit_data(info) for info in ask.client.pfs.ListCommit(request)]
    except NotFound:
        if after:
            raise
        return [], ""  # a branch without a commit
    found = [each for each in found if each["id"] != after]
    return found[:ROWS], str(found[ROWS - 1]["id"]) if len(found) > ROWS else ""


def _count_changes(ask: Ask, repo: Message, commits: list[dict[str, Any]]) -> None:
    """Say of commits how many files each changed, as far as that is quick; of others it is None."""
    began = monotonic()
    for each in commits:
        each["changes"] = None
        if each["state"] == "finished" and monotonic() - began < _SECONDS:
            found = find_changes(ask, None, commit_at(repo, each["id"]), 0, most=_COUNTED)
            each["changes"] = {"counts": dict(found.counts), "complete": found.complete}


def pipeline_of(ask: Ask, repo: Message) -> str:
    """The pipeline that writes a repo, empty when people do."""
    spec = pfs.Repo(name=repo.name, type="spec", project=repo.project)
    try:
        ask.client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=spec))
    except NotFound:
        return ""
    return str(repo.name)


def _chosen(names: list[str], wanted: str) -> str:
    """Master, or another; empty, which means all commits, where no branch is left."""
    if wanted or not names:
        return wanted
    return "master" if "master" in names else names[0]


def _branch(info: Message) -> Mapping[str, Any]:
    trigger = info.trigger
    return {
        "name": info.branch.name,
        "head": reference(info.head),
        "provenance": [
            {"repo": repo_name(each.repo), "branch": each.name, "project": each.repo.project.name}
            for each in info.direct_provenance
        ],
        "subvenance": sum(each.repo.type in ("", "user") for each in info.subvenance),
        "trigger": trigger.branch,
    }
