"""Deleting everything."""

from __future__ import annotations

from calf.model.refs import DEFAULT_PROJECT
from calf.pfs import projects, repos
from calf.pfs.transaction import Txn


def delete_all(txn: Txn) -> None:
    """Remove every repo and project; an empty project `default` remains. Pipelines must be gone before."""
    repos.delete_several(txn, [info.repo for info in repos.list_(txn.tx)], force=True)
    for project in projects.list_(txn.tx):
        if project.name != DEFAULT_PROJECT:
            projects.delete(txn, project.name)
    projects.create(txn, DEFAULT_PROJECT, update=True)
