"""What somebody may have meant who asked for something that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from urllib.parse import unquote

from calf.client.connection import Client
from calf.model.errors import CalfError
from calf.web import links
from calf.wire.messages import pfs, pps

_MOST = 5
Near = dict[str, str]
_Names = Callable[[Client, str], Iterable[str]]


def near(client: Client, path: str) -> list[Near]:
    """Pages with names like the first in the URL that leads nowhere; none where the server does not say."""
    parts = [unquote(part) for part in path.removesuffix(".json").split("/")[1:]]
    if len(parts) < 2 or parts[0] != "p":
        return []
    try:
        return _near(client, parts)
    except CalfError:
        return []  # the page says already what is wrong


def _near(client: Client, parts: list[str]) -> list[Near]:
    project = parts[1]
    projects = list(_projects(client))
    if project not in projects:
        return [{"name": each, "link": links.dag(each)} for each in _like(project, projects)]
    if len(parts) < 4 or parts[2] not in _KINDS:
        return []
    names, link = _KINDS[parts[2]]
    wanted = parts[3].partition(".")[0]
    there = list(names(client, project))
    if wanted in there:
        return []
    return [{"name": each, "link": link(project, each)} for each in _like(wanted, there)]


def _like(wanted: str, names: list[str]) -> list[str]:
    close = get_close_matches(wanted, names, _MOST, 0.5)
    return close + [name for name in names if wanted and wanted in name and name not in close][:_MOST]


def _projects(client: Client) -> Iterator[str]:
    for info in client.pfs.ListProject(pfs.ListProjectRequest()):
        yield info.project.name


def _repos(client: Client, project: str) -> Iterator[str]:
    request = pfs.ListRepoRequest(type="user", projects=[pfs.Project(name=project)])
    for info in client.pfs.ListRepo(request):
        yield info.repo.name


def _pipelines(client: Client, project: str) -> Iterator[str]:
    for info in client.pps.ListPipeline(pps.ListPipelineRequest(projects=[pfs.Project(name=project)])):
        yield info.pipeline.name


_KINDS: Mapping[str, tuple[_Names, Callable[[str, str], str]]] = {
    "repos": (_repos, links.repo),
    "pipelines": (_pipelines, links.pipeline),
}
