"""Branches: names for commits, and the edges between them that make the DAG."""

from calf.pfs.branches.creating import create
from calf.pfs.branches.deleting import delete
from calf.pfs.branches.reading import inspect, list_
from calf.pfs.branches.walking import Walk, walk_provenance, walk_subvenance

__all__ = ["Walk", "create", "delete", "inspect", "list_", "walk_provenance", "walk_subvenance"]
