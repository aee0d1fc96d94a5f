"""Repos over the wire, and deleting everything."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.pfs import projects, repos
from calf.pfs.engine import Pfs
from calf.pfs.wiping import delete_all as delete_everything
from calf.rpc.call import Call, Handlers
from calf.rpc.counts import read_page
from calf.wire.convert_pfs import write_repo_info
from calf.wire.convert_refs import read_project, read_repo, write_project, write_repo
from calf.wire.messages import Message, google
from calf.wire.messages import pfs as api
from calf.wire.pickers import read_project_picker


def handlers(pfs: Pfs) -> Handlers:
    """All methods about repos."""
    return {
        "/pfs_v2.API/CreateRepo": partial(create_repo, pfs),
        "/pfs_v2.API/InspectRepo": partial(inspect_repo, pfs),
        "/pfs_v2.API/ListRepo": partial(list_repo, pfs),
        "/pfs_v2.API/ReposSummary": partial(repos_summary, pfs),
        "/pfs_v2.API/DeleteRepo": partial(delete_repo, pfs),
        "/pfs_v2.API/DeleteRepos": partial(delete_repos, pfs),
        "/pfs_v2.API/DeleteAll": partial(delete_all, pfs),
    }


def create_repo(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Make a repo, or change its description."""
    with pfs.transaction() as txn:
        repos.create(txn, read_repo(request.repo), request.description, request.update)
    return google.Empty()


def inspect_repo(pfs: Pfs, request: Message, _call: Call) -> Message:
    """One record."""
    with pfs.read() as tx:
        return write_repo_info(repos.inspect(tx, read_repo(request.repo)))


def list_repo(pfs: Pfs, request: Message, _call: Call) -> Iterator[Message]:
    """The records of one type, or of all, in some projects, or in all."""
    with pfs.read() as tx:
        infos = repos.list_(tx, request.type, _projects(request))
    first, beyond = read_page(request.page)
    if beyond is not None:
        infos = sorted(infos, key=lambda info: info.repo)[first:beyond]
    yield from map(write_repo_info, infos)


def repos_summary(pfs: Pfs, request: Message, _call: Call) -> Message:
    """How many repos some projects, or all, have, and how large they are."""
    with pfs.read() as tx:
        names = [projects.inspect(tx, read_project_picker(picker)).name for picker in request.projects]
        names = names or [info.name for info in projects.list_(tx)]
        found = repos.summaries(tx, names)
    return api.ReposSummaryResponse(
        summaries=[
            api.ReposSummary(project=write_project(name), user_repo_count=count, size_bytes=size)
            for name, count, size in found
        ]
    )


def delete_repo(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Remove a repo; that there was none is said, not an error."""
    with pfs.transaction() as txn:
        deleted = repos.delete(txn, read_repo(request.repo), request.force)
    return api.DeleteRepoResponse(deleted=deleted)


def delete_repos(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Remove all repos of some projects, or of all."""
    with pfs.transaction() as txn:
        listed = repos.list_(txn.tx, projects=() if request.all else _projects(request))
        wanted = [info.repo for info in listed] if request.all or request.projects else []
        gone = repos.delete_several(txn, wanted, request.force)
    return api.DeleteReposResponse(repos=[write_repo(repo) for repo in gone])


def delete_all(pfs: Pfs, _request: Message, _call: Call) -> Message:
    """Remove all versioned data."""
    with pfs.transaction() as txn:
        delete_everything(txn)
    return google.Empty()


def _projects(request: Message) -> tuple[str, ...]:
    return tuple(read_project(project) for project in request.projects)
