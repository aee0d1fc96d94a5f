"""Names of what there is on the server, for completion. Newest first where there may be many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from calf.cli import refs
from calf.cli.session import Session
from calf.wire.messages import google, pfs, pps

_MOST = 50
_MOST_FILES = 500


def suggest(session: Session, kind: str, project: str, text: str) -> Iterable[str]:
    """Things of a kind that what is typed so far may become."""
    return _SOURCES[kind](session, project, text)


def _projects(session: Session, _project: str, _text: str) -> Iterator[str]:
    for info in session.client.pfs.ListProject(pfs.ListProjectRequest()):
        yield info.project.name


def _contexts(session: Session, _project: str, _text: str) -> Iterable[str]:
    return session.config.contexts


def _secrets(session: Session, _project: str, _text: str) -> Iterator[str]:
    for info in session.client.pps.ListSecret(google.Empty()).secret_info:
        yield info.secret.name


def _repos(session: Session, project: str, _text: str) -> Iterator[str]:
    request = pfs.ListRepoRequest(type="user", projects=[pfs.Project(name=project)])
    for info in session.client.pfs.ListRepo(request):
        yield info.repo.name


def _pipelines(session: Session, project: str, _text: str) -> Iterator[str]:
    request = pps.ListPipelineRequest(projects=[pfs.Project(name=project)])
    for info in session.client.pps.ListPipeline(request):
        yield info.pipeline.name


def _commit_sets(session: Session, project: str, _text: str) -> Iterator[str]:
    request = pfs.ListCommitSetRequest(project=pfs.Project(name=project))
    for info in islice(session.client.pfs.ListCommitSet(request), _MOST):
        yield info.commit_set.id


def _branches(session: Session, project: str, text: str) -> Iterator[str]:
    repo, at, _ = text.partition("@")
    if not at:
        yield from (f"{name}@" for name in _repos(session, project, text))
        return
    request = pfs.ListBranchRequest(repo=refs.repo(repo, project))
    for info in session.client.pfs.ListBranch(request):
        yield f"{repo}@{info.branch.name}"


def _commits(session: Session, project: str, text: str) -> Iterator[str]:
    yield from _branches(session, project, text)
    repo, at, typed = text.partition("@")
    if at and typed and typed[0] in "0123456789abcdef":
        request = pfs.ListCommitRequest(repo=refs.repo(repo, project), number=_MOST, all=True)
        for info in session.client.pfs.ListCommit(request):
            yield f"{repo}@{info.commit.id}"


def _files(session: Session, project: str, text: str) -> Iterator[str]:
    head, colon, path = text.partition(":")
    if not colon:
        whole = "@" in text
        yield from (f"{each}:" if whole else each for each in _commits(session, project, text))
        return
    folder = path[: path.rfind("/") + 1] or "/"
    request = pfs.ListFileRequest(file=refs.file(f"{head}:{folder}", project))
    for info in islice(session.client.pfs.ListFile(request), _MOST_FILES):
        yield f"{head}:{info.file.path if path.startswith('/') or not path else info.file.path[1:]}"


def _jobs(session: Session, project: str, text: str) -> Iterator[str]:
    pipeline, at, _ = text.partition("@")
    if not at:
        yield from (f"{name}@" for name in _pipelines(session, project, text))
        return
    request = pps.ListJobRequest(pipeline=refs.pipeline(pipeline, project), number=_MOST)
    for info in session.client.pps.ListJob(request):
        yield f"{pipeline}@{info.job.id}"


_SOURCES: Mapping[str, Callable[[Session, str, str], Iterable[str]]] = {
    "project": _projects,
    "context": _contexts,
    "secret": _secrets,
    "repo": _repos,
    "branch": _branches,
    "commit": _commits,
    "commit set": _commit_sets,
    "file": _files,
    "pipeline": _pipelines,
    "job": _jobs,
}
