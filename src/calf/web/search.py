"""From a name, an id or `repo@commit:/path` to the page of what has it: the box at the head of each page.

What is in the repos is looked for as well, files, values and lines of logs, for so long as a page may take.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from calf.client.connection import Client
from calf.model.errors import InvalidArgument, NotFound
from calf.views.labels import repo_name
from calf.views.names import repo_called
from calf.web import links
from calf.web.pages import Ask, Page, ask_of, page, render
from calf.web.searching.files import find_files
from calf.web.searching.found import Found, Search, found, some_of
from calf.web.searching.lines import find_lines
from calf.web.searching.values import find_values
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs, pps

_PATH = "/p/{project}/search"
_MOST = 50
"""So many of each kind are shown."""
_SUGGESTED = 8
_SETS = 1000
_SOON = 0.15
"""So many of the newest commit sets are looked through for the beginning of an id, for so many seconds: where
there are hundreds of pipelines a set has hundreds of commits, and words like `face` and `feed` may be ids.
"""
_ID = re.compile(r"[0-9a-f]{4,32}")
_WHOLE_ID = 32

_VALUES, _FILES, _LINES = 0.25, 0.28, 0.35
"""Seconds from the beginning after which none of these is looked for any more."""
_PATIENCE = 30.0
"""Who asks for the rest waits up to so many times as long."""
_TYPING = "search"


def routes() -> list[BaseRoute]:
    """`/p/PROJECT/search?q=`."""
    twin, _ = page(_PATH, search)
    return [twin, Route(_PATH, go, methods=["GET"])]


def go(request: Request) -> Response:
    """To the one thing that has the name; else to the list of what has it in its name.

    While somebody types, it is the beginning of that list.
    """
    typing = request.headers.get("hx-trigger") == _TYPING
    shown = search(ask_of(request), logs=not typing)
    if typing:
        data = {**shown.data, "found": shown.data["found"][:_SUGGESTED], "all": len(shown.data["found"])}
        return render(request, "suggestions.html", data)
    exact = [each for each in shown.data["found"] if each["exact"]]
    if len(exact) == 1:
        return RedirectResponse(exact[0]["link"], 303)
    return render(request, shown.template, {"page": shown, **shown.data})


def search(ask: Ask, *, logs: bool = True) -> Page:
    """Everything that the text may mean; `more` says that not all of it is shown, and `left_out` what was not
    looked at for want of time.
    """
    text = ask.text("q").strip()[:300]
    patient = bool(ask.text("rest"))
    seeking = Search(ask.client, ask.project, text, _PATIENCE if patient else 1.0)
    rows, more = _meant(seeking, logs=logs) if text else ([], False)
    title = f"What has “{text}” in it" if text else "Find"
    rows.sort(key=lambda row: (not row["exact"], _ORDER.index(row["kind"])))
    data = {
        "text": text,
        "found": rows,
        "more": more,
        "left_out": seeking.left_out,
        "rest": links.search(ask.project, text, rest=True) if seeking.left_out and not patient else "",
    }
    return Page("search.html", title, data)


_ORDER = ("commit", "commit set", "jobs", "pipeline", "repo", "metric", "parameter", "file", "log")


def _meant(seeking: Search, *, logs: bool) -> tuple[list[Found], bool]:
    client, text, project = seeking.client, seeking.text, seeking.project
    if "@" in text and (named := list(_at(client, project, text))):
        return named, False
    rows, more = _sets(client, project, text) if _ID.fullmatch(text) else ([], False)
    if rows and len(text) == _WHOLE_ID:
        return rows, False
    repos = list(client.pfs.ListRepo(pfs.ListRepoRequest(type="user", projects=[pfs.Project(name=project)])))
    pipelines = _pipelines(seeking)
    for called in (_named(seeking, pipelines), _repos(seeking, repos)):
        rows += called[:_MOST]
        more = more or len(called) > _MOST
    inside = [
        *find_values(seeking, repos, _VALUES),
        *find_files(seeking, repos, _FILES),
        *(find_lines(seeking, pipelines, _LINES) if logs else ()),
    ]
    return rows + inside[:_MOST], more or seeking.more or len(inside) > _MOST


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
        yield found("file", text, link, rfc3339(info.started), exact=True)
        return
    yield found(
        "commit", f"{name}@{commit}", links.commit(project, name, commit), rfc3339(info.started), exact=True
    )


def _sets(client: Client, project: str, text: str) -> tuple[list[Found], bool]:
    """The commit sets with such an id, and whether there may be more of them than were looked at."""
    if len(text) == _WHOLE_ID:
        return list(_whole_set(client, project, text)), False
    rows: list[Found] = []
    request, end = pfs.ListCommitSetRequest(project=pfs.Project(name=project)), time.monotonic() + _SOON
    for number, info in enumerate(client.pfs.ListCommitSet(request)):
        if number >= _SETS or time.monotonic() > end:
            return rows, True
        if info.commit_set.id.startswith(text):
            rows += _of_set(project, info.commit_set.id, info.commits)
    return rows, False


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
    about = some_of(names, 6)
    yield found("commit set", whole, links.dag(project, commit=whole), about)
    yield found("jobs", whole, links.job_set(project, whole), about)


def _pipelines(seeking: Search) -> list[str]:
    request = pps.ListPipelineRequest(projects=[pfs.Project(name=seeking.project)])
    return sorted(info.pipeline.name for info in seeking.client.pps.ListPipeline(request))


def _named(seeking: Search, pipelines: Iterable[str]) -> list[Found]:
    return [
        found("pipeline", name, links.pipeline(seeking.project, name), exact=name == seeking.text)
        for name in pipelines
        if seeking.has(name)
    ]


def _repos(seeking: Search, repos: Iterable[Message]) -> list[Found]:
    named = {info.repo.name: info.description for info in repos if seeking.has(info.repo.name)}
    return [
        found("repo", name, links.repo(seeking.project, name), named[name], exact=name == seeking.text)
        for name in sorted(named)
    ]
