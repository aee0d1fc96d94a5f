"""Where results lie, by convention: a pipeline's output with `/metrics.json` holds figures, with a page in
HTML beside them a report, and one with `/decision.json` a release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.views.labels import repo_name
from calf.web.lineage.spots import Spot, spot_of
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs, pps

METRICS, DECISION = "/metrics.json", "/decision.json"
_RECENT_JOBS = 500
_RECENT_COMMITS = 5
_FEW = 40
_LOOKED_AT, _LEAST = 3, 50
"""So many commits are looked at for each result that is wanted, and at least: some failed, or hold nothing
of the kind."""


@dataclass(frozen=True, slots=True)
class Result:
    """A finished output: `started` in nanoseconds orders results, and leads to those before it.

    `alike` says of a decision that it was taken about another commit, of the same bytes.
    """

    spot: Spot
    finished: str
    started: int
    message: str
    alike: bool = False


def result_repos(client: Client, project: str) -> tuple[list[str], list[str]]:
    """The repos whose newest good output holds figures, and those whose one holds a decision, by name.

    Raises `NotFound` where there is no such project.
    """
    figures, decisions = [], []
    for spot in newest_outputs(client, project):
        kinds = kinds_of(client, spot)
        if METRICS in kinds:
            figures.append(spot.repo)
        if DECISION in kinds:
            decisions.append(spot.repo)
    if not figures and not decisions:
        client.pfs.InspectProject(pfs.InspectProjectRequest(project=pfs.Project(name=project)))
    return sorted(figures), sorted(decisions)


@lru_cache(maxsize=8192)
def kinds_of(client: Client, spot: Spot) -> frozenset[str]:
    """Which of `METRICS` and `DECISION` a finished commit holds."""
    top = at_top(client, spot)
    return frozenset(mark for mark in (METRICS, DECISION) if mark in top or _has(client, spot, top, mark))


def holds(client: Client, spot: Spot, path: str) -> bool:
    """Whether a finished commit has this at its top; a folder ends with a slash."""
    top = at_top(client, spot)
    return path in top or _has(client, spot, top, path)


@lru_cache(maxsize=1024)
def at_top(client: Client, spot: Spot) -> frozenset[str]:
    """The first paths at the top of a finished commit: of most outputs all that there are."""
    request = pfs.ListFileRequest(file=spot.file("/"), number=_FEW)
    try:
        return frozenset(info.file.path for info in islice(client.pfs.ListFile(request), _FEW))
    except NotFound:
        return frozenset()


def _has(client: Client, spot: Spot, top: frozenset[str], path: str) -> bool:
    if len(top) < _FEW:
        return False
    try:
        found = client.pfs.InspectFile(pfs.InspectFileRequest(file=spot.file(path)))
    except NotFound:
        return False
    return path.endswith("/") is bool(found.file_type == pfs.DIR)  # servers give either by either name


@lru_cache(maxsize=1024)
def digest_of(client: Client, spot: Spot) -> bytes:
    """The digest of all files of a finished commit; empty where it is not there."""
    try:
        return bytes(client.pfs.InspectFile(pfs.InspectFileRequest(file=spot.file("/"))).hash)
    except NotFound:
        return b""


def page_of(client: Client, spot: Spot) -> str:
    """The page in HTML beside the figures of a result, `Report.html` before others; or empty."""
    paths = top_ending(client, spot, (".html",))
    return next((path for path in paths if "report" in path.lower()), paths[0] if paths else "")


@lru_cache(maxsize=1024)
def top_ending(client: Client, spot: Spot, endings: tuple[str, ...]) -> tuple[str, ...]:
    """The first paths at the top of a finished commit that have one of some endings, sorted."""
    top = at_top(client, spot)
    if len(top) >= _FEW:
        request = pfs.GlobFileRequest(commit=spot.message, pattern=f"/*{{{','.join(endings)}}}")
        top = frozenset(info.file.path for info in islice(client.pfs.GlobFile(request), _FEW))
    return tuple(sorted(path for path in top if path.endswith(endings)))


def newest_outputs(client: Client, project: str) -> Iterable[Spot]:
    """The newest good output of each pipeline; most of them by one question for the newest jobs."""
    where = [pfs.Project(name=project)]
    found: dict[str, Spot] = {}
    seen = 0
    newest = client.pps.ListJob(pps.ListJobRequest(projects=where, number=_RECENT_JOBS))
    for info in islice(newest, _RECENT_JOBS):  # an older Pachyderm gives all
        seen += 1
        if info.state == pps.JOB_SUCCESS and not info.calf.detached:
            name = info.job.pipeline.name
            found.setdefault(name, Spot(project, name, info.job.id))
    if seen < _RECENT_JOBS:
        return found.values()  # those were all
    for info in client.pps.ListPipeline(pps.ListPipelineRequest(projects=where)):
        name = info.pipeline.name
        if name not in found and (spot := _newest_of(client, project, name)):
            found[name] = spot
    return found.values()


def _newest_of(client: Client, project: str, name: str) -> Spot | None:
    repo = Spot(project, name, "").message.repo
    request = pfs.ListCommitRequest(repo=repo, number=_RECENT_COMMITS)
    try:
        return next((spot_of(info.commit) for info in client.pfs.ListCommit(request) if _is_good(info)), None)
    except NotFound:
        return None  # its repo was deleted, or comes with its first commit


def results(
    client: Client, project: str, repos: Iterable[str], number: int, before: int = 0, *, reports: bool = False
) -> list[Result]:
    """The newest results of some repos, started before a moment if one is given; newest first.

    With `reports` those that have a page: of many that have figures alone the few others would be left out.
    """
    found: list[Result] = []
    for name in repos:
        found += _results_of(client, Spot(project, name, ""), number, before, reports)
    found.sort(key=lambda result: (result.started, result.spot), reverse=True)
    return found[:number]


def _results_of(client: Client, repo: Spot, number: int, before: int, reports: bool) -> list[Result]:
    request = pfs.ListCommitRequest(repo=repo.message.repo, number=max(_LOOKED_AT * number, _LEAST))
    if before:
        request.started_time.seconds, request.started_time.nanos = divmod(before, 10**9)
    found: list[Result] = []
    for result in [_result(info) for info in client.pfs.ListCommit(request) if _is_good(info)]:
        if before and result.started >= before:
            continue
        if kinds_of(client, result.spot) and (not reports or page_of(client, result.spot)):
            found.append(result)
            if len(found) == number:
                break
    return found


def _result(info: Message) -> Result:
    spot = Spot(info.commit.repo.project.name, repo_name(info.commit.repo), info.commit.id)
    return Result(spot, rfc3339(info.finished), started_of(info), str(info.description))


def started_of(info: Message) -> int:
    """When a commit began, in nanoseconds."""
    return int(info.started.seconds) * 10**9 + int(info.started.nanos)


def _is_good(info: Message) -> bool:
    return info.HasField("finished") and not info.error
