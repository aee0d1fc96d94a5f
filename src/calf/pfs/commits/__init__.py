"""Commits: their life, what they hold, where they come from, and how users point at them."""

from calf.pfs.commits.closing import clear, finish, finish_by_force, finish_with, freeze, open_outputs
from calf.pfs.commits.contents import base, last_good, root, set_root
from calf.pfs.commits.forgetting import forget
from calf.pfs.commits.listing import CommitQuery, list_, stream
from calf.pfs.commits.opening import check_no_versions, check_still_wired, start
from calf.pfs.commits.reading import inspect
from calf.pfs.commits.removing import drop, drop_set, squash, squash_set
from calf.pfs.commits.resolving import resolve
from calf.pfs.commits.searching import Searched, find_commits
from calf.pfs.commits.sources import Readiness, inputs, readiness
from calf.pfs.commits.waiting import Subscription, subscribe, wait
from calf.pfs.commits.walking import Walk, walk_provenance, walk_subvenance

__all__ = [
    "CommitQuery",
    "Readiness",
    "Searched",
    "Subscription",
    "Walk",
    "base",
    "check_no_versions",
    "check_still_wired",
    "clear",
    "drop",
    "drop_set",
    "find_commits",
    "finish",
    "finish_by_force",
    "finish_with",
    "forget",
    "freeze",
    "inputs",
    "inspect",
    "last_good",
    "list_",
    "open_outputs",
    "readiness",
    "resolve",
    "root",
    "set_root",
    "squash",
    "squash_set",
    "start",
    "stream",
    "subscribe",
    "wait",
    "walk_provenance",
    "walk_subvenance",
]
