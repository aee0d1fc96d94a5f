"""Projects: namespaces of repos and pipelines. `default` always exists."""

from __future__ import annotations

from dataclasses import replace

from calf.db import metadata, projects, repos
from calf.db.tx import Tx
from calf.model.errors import AlreadyExists, NotFound, Precondition
from calf.model.names import check_project_name
from calf.model.not_found import project_not_found
from calf.model.pfs_infos import ProjectInfo
from calf.model.refs import DEFAULT_PROJECT
from calf.pfs.transaction import Txn


def create(txn: Txn, name: str, description: str = "", update: bool = False) -> None:
    """Make a project; with `update`, change the description of one that is there.

    Raises `AlreadyExists` without `update`, `InvalidArgument` for an illegal name.
    """
    check_project_name(name)
    existing = projects.get(txn.tx, name)
    if existing is None:
        projects.put(txn.tx, ProjectInfo(name, description, txn.now))
        txn.record("project-created", name)
    elif not update:
        raise AlreadyExists(f"project {name} already exists")
    elif existing.description != description:
        projects.put(txn.tx, replace(existing, description=description))
        txn.record("project-changed", name)


def ensure_default(txn: Txn) -> None:
    """Have project `default`, as on a fresh folder and after everything was deleted."""
    if projects.get(txn.tx, DEFAULT_PROJECT) is None:
        create(txn, DEFAULT_PROJECT)


def inspect(tx: Tx, name: str) -> ProjectInfo:
    """The record of a project; raises `NotFound`."""
    info = projects.get(tx, name)
    if info is None:
        raise project_not_found(name)
    return replace(info, metadata=metadata.get(tx, "project", name))


def project_for_new(tx: Tx, name: str) -> ProjectInfo:
    """The project that something is about to be made in; raises `NotFound` in the words of creation."""
    info = projects.get(tx, name)
    if info is None:
        raise NotFound(f'cannot find project "{name}"', f"pachctl create project {name}")
    return info


def list_(tx: Tx) -> list[ProjectInfo]:
    """All projects, oldest first."""
    return [replace(info, metadata=metadata.get(tx, "project", info.name)) for info in projects.all_(tx)]


def delete(txn: Txn, name: str) -> None:
    """Remove a project that has no repos left.

    Raises `NotFound`; `Precondition` naming every repo that is still in it, and for project `default`. There
    is no force: a repo without its project could never be reached again.
    """
    inspect(txn.tx, name)
    left = [f"repo {row.repo} still exists" for row in repos.all_(txn.tx) if row.repo.project == name]
    if left:
        raise Precondition(
            f"cannot delete project {name}: {'; '.join(left)}", "delete its pipelines and repos first"
        )
    if name == DEFAULT_PROJECT:
        raise Precondition(f"cannot delete project {name}: it always exists", "it is empty already")
    projects.delete(txn.tx, name)
    txn.record("project-deleted", name)
