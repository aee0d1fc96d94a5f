"""Branches: names for commits, and the edges between them that make the DAG."""

from calf.pfs.branches.creating import create
from calf.pfs.branches.deleting import delete
from calf.pfs.branches.reading import inspect, list_

__all__ = ["create", "delete", "inspect", "list_"]
