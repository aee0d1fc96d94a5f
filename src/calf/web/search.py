"""From a name, an id or `repo@commit:/path` to the page of what has it: the box at the head of each page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from itertools import islice

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from calf.client.connection import Client
from calf.model.errors import InvalidArgument, NotFound
from calf.views.labels import repo_name
from calf.views.names import repo_called
from calf.web import links
from calf.web.pages import Ask, Page, ask_of, page, render
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs, pps

_PATH = "/p/{project}/search"
_MOST = 50
"""So many of each kind are shown."""
_SUGGESTED = 8
_SETS = 1000
_SOON = 0.4
"""So many of the newest commit sets are looked through for the beginning of an id, for so many seconds: where
there are hundreds of pipelines a set has hundreds of commits, and words like `face` and `feed` may be ids.
"""
_ID = re.compile(r"[0-9a-f]{4,32}")
_WHOLE_ID = 32

Found = dict[str, str]


def routes() -> list[BaseRoute]:
    """`/p/PROJECT/search?q=`."""
    twin, _ = page(_PATH, search)
    return [twin, Route(_PATH, go, methods=["GET"])]


def go(request: Request) -> Response:
    """To the one thing that has the name; else to the list of what has it in its name.

    While somebody types, it is the beginning of that list.
    """
    found = search(ask_of(request))
    if request.headers.get("hx-trigger") == "search":
        data = {**found.data, "found": found.data["found"][:_SUGGESTED], "all": len(found.data["found"])}
        return render(request, "suggestions.html", data)
    exact = [each for each in found.data["found"] if each["exact"]]
    if len(exact) == 1:
        return RedirectResponse(exact[0]["link"], 303)
    return render(request, found.template, {"page": found, **found.data})


def search(ask: Ask) -> Page:
    """Everything that the text may mean; `more` says that not all of it was looked at."""
    text = ask.text("q").strip()[:300]
    found, more = _meant(ask.client, ask.project, text) if text else ([], False)
    title = f"What has “{text}” in its name" if text else "Find"
    return Page("search.html", title, {"text": text, "found": sorted(found, key=_order), "more": more})


def _meant(client: Client, project: str, text: str) -> tuple[list[Found], bool]:
    if "@" in text:
        return list(_at(client, project, text)), False
    found, more = _sets(client, project, text) if _ID.fullmatch(text) else ([], False)
    for named in (_pipelines(client, project, text), _repos(client, project, text)):
        some = list(islice(named, _MOST + 1))
        found += some[:_MOST]
        more = more or len(some) > _MOST
    return found, more


_ORDER = ("file", "commit", "commit set", "jobs", "pipeline", "repo")


def _order(found: Found) -> tuple[bool, int, str]:
    return not found["exact"], _ORDER.index(found["kind"]), found["name"]


def _found(kind: str, name: str, link: str, about: str = "", *, exact: bool = False) -> Found:
    return {"kind": kind, "name": name, "link": link, "about": about, "exact": "yes" if exact else ""}


def _at(client: Client, project: str, text: str) -> Iterator[Found]:
    name, _, rest = text.partition("@")
    ref, colon, path = rest.partition(":")
    repo = repo_called(name, project)
    try:
        info = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=pfs.Commit(repo=repo, id=ref)))
    except (NotFound, InvalidArgument):
        return
    commit = info.commit.id
    if colon:
        link = links.files(project, name, commit, path or "/")
        yield _found("file", text, link, rfc3339(info.started), exact=True)
        return
    yield _found(
        "commit", f"{name}@{commit}", links.commit(project, name, commit), rfc3339(info.started), exact=True
    )


def _sets(client: Client, project: str, text: str) -> tuple[list[Found], bool]:
    """The commit sets with such an id, and whether there may be more of them than were looked at."""
    if len(text) == _WHOLE_ID:
        return list(_whole_set(client, project, text)), False
    found: list[Found] = []
    request, end = pfs.ListCommitSetRequest(project=pfs.Project(name=project)), time.monotonic() + _SOON
    for number, info in enumerate(client.pfs.ListCommitSet(request)):
        if number >= _SETS or time.monotonic() > end:
            return found, True
        if info.commit_set.id.startswith(text):
            found += _of_set(project, info.commit_set.id, info.commits)
    return found, False


def _whole_set(client: Client, project: str, whole: str) -> Iterator[Found]:
    """The set of that id, in whatever project it is."""
    request = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=whole))
    try:
        commits = [info for info in client.pfs.InspectCommitSet(request) if info.commit.id == whole]
    except (NotFound, InvalidArgument):
        return
    projects = [info.commit.repo.project.name or project for info in commits]
    if commits:
        yield from _of_set(project if project in projects else projects[0], whole, commits)


def _of_set(project: str, whole: str, commits: Iterable[Message]) -> Iterator[Found]:
    names = (repo_name(commit.commit.repo) for commit in commits if commit.commit.repo.type == "user")
    about = ", ".join(islice(names, 6))
    yield _found("commit set", whole, links.dag(project, commit=whole), about)
    yield _found("jobs", whole, links.job_set(project, whole), about)


def _pipelines(client: Client, project: str, text: str) -> Iterator[Found]:
    request = pps.ListPipelineRequest(projects=[pfs.Project(name=project)])
    for info in client.pps.ListPipeline(request):
        name = info.pipeline.name
        if text.lower() in name.lower():
            yield _found("pipeline", name, links.pipeline(project, name), exact=name == text)


def _repos(client: Client, project: str, text: str) -> Iterator[Found]:
    request = pfs.ListRepoRequest(type="user", projects=[pfs.Project(name=project)])
    for info in client.pfs.ListRepo(request):
        name = info.repo.name
        if text.lower() in name.lower():
            yield _found("repo", name, links.repo(project, name), info.description, exact=name == text)
