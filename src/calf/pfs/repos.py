"""Repos: user repos with data, and the system repos (`meta`, `spec`) that belong to a pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from calf.db import branches, commits, metadata, repos
from calf.db.commits import CommitRow
from calf.db.repos import RepoRow
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument, WrongState
from calf.model.names import check_name
from calf.model.not_found import repo_exists
from calf.model.pfs_infos import RepoInfo
from calf.model.refs import FILESETS_REPO, META, SPEC, USER, Repo
from calf.pfs.branches.deleting import delete as delete_branch
from calf.pfs.projects import project_for_new
from calf.pfs.rows import repo_row
from calf.pfs.transaction import Txn

_TYPES = (USER, META, SPEC)


def create(txn: Txn, repo: Repo, description: str = "", update: bool = False) -> None:
    """Make a repo; with `update`, change the description of one that is there.

    Raises `NotFound` without its project, `AlreadyExists` without `update`, `InvalidArgument` for an illegal
    name or type, `WrongState` for a system repo whose user repo is missing.
    """
    check_name(repo.name)
    if repo.name == FILESETS_REPO:
        raise InvalidArgument(f"{FILESETS_REPO} is a reserved name")
    if repo.type not in _TYPES:
        raise InvalidArgument(f'unknown repo type "{repo.type}"', f"known types: {', '.join(_TYPES)}")
    project_for_new(txn.tx, repo.project)
    if repo.type != USER and repos.get(txn.tx, Repo(repo.project, repo.name)) is None:
        raise WrongState("cannot create a system repo without a corresponding 'user' repo")
    existing = repos.get(txn.tx, repo)
    if existing is None:
        repos.insert(txn.tx, repo, description, txn.now)
        txn.record("repo-created", repo)
    elif not update:
        raise repo_exists(repo)
    elif existing.description != description:
        repos.describe(txn.tx, existing.id, description)
        txn.record("repo-changed", repo)


def inspect(tx: Tx, repo: Repo) -> RepoInfo:
    """The record of a repo; raises `NotFound`."""
    (found,) = _infos(tx, [repo_row(tx, repo)])
    return found


def list_(tx: Tx, type_: str = "", projects: tuple[str, ...] = ()) -> list[RepoInfo]:
    """The repos of one type (empty: all) in some projects (empty: all), newest first."""
    return _infos(
        tx,
        [
            row
            for row in repos.all_(tx)
            if type_ in ("", row.repo.type) and (not projects or row.repo.project in projects)
        ],
    )


def summaries(tx: Tx, projects: Iterable[str]) -> list[tuple[str, int, int]]:
    """Of each project, how many user repos it has, and the sum of their sizes in bytes."""
    infos = list_(tx, USER)
    return [
        (name, len(own), sum(info.size for info in own))
        for name in projects
        for own in [[info for info in infos if info.repo.project == name]]
    ]


def delete(txn: Txn, repo: Repo, force: bool = False) -> bool:
    """Remove a repo with all it holds, a user repo with its system repos; says whether there was one.

    Raises as `delete_several`.
    """
    return bool(delete_several(txn, [repo], force))


def delete_several(txn: Txn, wanted: Iterable[Repo], force: bool = False) -> list[Repo]:
    """Remove repos as one, so that they may depend on each other; gives those that were there.

    Without `force`, raises `WrongState` for a pipeline's repo, `Precondition` while a branch elsewhere
    depends on one of theirs. With it, edges from elsewhere are dropped, those of commits too.
    """
    rows = {row.id: row for repo in wanted for row in _with_system_repos(txn.tx, repo)}
    if not force:
        _check_no_pipeline(txn.tx, rows.values())
    doomed = [branch for number in rows for branch in branches.of_repo(txn.tx, number)]
    depth = {row.id: len(branches.provenance_ids(txn.tx, row.id)) for row in doomed}
    for row in sorted(doomed, key=lambda row: depth[row.id], reverse=True):
        delete_branch(txn, row.branch, force, with_repo=True)
    commits.delete_of_repos(txn.tx, list(rows))
    gone = [row.repo for row in rows.values()]
    for repo in gone:
        txn.record("repo-deleted", repo)
    for number in rows:
        repos.delete(txn.tx, number)
    return gone


def _with_system_repos(tx: Tx, repo: Repo) -> list[RepoRow]:
    return [row for row in repos.siblings(tx, repo) if repo.type in (USER, row.repo.type)]


def _check_no_pipeline(tx: Tx, rows: Iterable[RepoRow]) -> None:
    for row in rows:
        if repos.get(tx, Repo(row.repo.project, row.repo.name, SPEC)) is not None:
            raise WrongState(
                "cannot delete a repo associated with a pipeline - delete the pipeline instead",
                f"pachctl delete pipeline {row.repo.name}",
            )


def _infos(tx: Tx, rows: list[RepoRow]) -> list[RepoInfo]:
    """The records of rows, with a handful of questions however many they are."""
    ids = [row.id for row in rows]
    owned, pairs = branches.of_repos(tx, ids), metadata.of_many(tx, "repo", ids)
    masters = {it.repo_id: it.head for each in owned.values() for it in each if it.branch.name == "master"}
    heads = {row.id: row for row in commits.by_ids(tx, [head for head in masters.values() if head])}
    return [
        RepoInfo(
            repo=row.repo,
            created=row.created,
            description=row.description,
            size=_size(tx, heads.get(masters.get(row.id) or 0)),
            branches=tuple(it.branch for it in owned.get(row.id, ())),
            metadata=pairs.get(str(row.id), {}),
        )
        for row in rows
    ]


def _size(tx: Tx, head: CommitRow | None) -> int:
    """That of the newest commit whose size is known, from the head of master on."""
    line = chain([head], commits.line(tx, head.parent)) if head else ()
    return next((row.size for row in line if row.size is not None and not row.error), 0)
