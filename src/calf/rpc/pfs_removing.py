"""Removing history over the wire."""

from __future__ import annotations

from functools import partial

from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pps.jobs.removed import forget_jobs_of
from calf.rpc.call import Call, Handlers
from calf.wire.convert_refs import read_commit_ref
from calf.wire.messages import Message, google
from calf.wire.messages import pfs as api
from calf.wire.pickers import read_commit_picker


def handlers(pfs: Pfs) -> Handlers:
    """All methods that remove commits or what they hold."""
    return {
        "/pfs_v2.API/SquashCommitSet": partial(squash_commit_set, pfs),
        "/pfs_v2.API/DropCommitSet": partial(drop_commit_set, pfs),
        "/pfs_v2.API/SquashCommit": partial(squash_commit, pfs),
        "/pfs_v2.API/DropCommit": partial(drop_commit, pfs),
        "/pfs_v2.API/ForgetCommit": partial(forget_commit, pfs),
    }


def squash_commit_set(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Remove a set whose data is in later commits."""
    with pfs.transaction() as txn:
        forget_jobs_of(txn, commits.squash_set(txn, request.commit_set.id))
    return google.Empty()


def drop_commit_set(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Remove a set that nothing came after, with its data."""
    with pfs.transaction() as txn:
        forget_jobs_of(txn, commits.drop_set(txn, request.commit_set.id))
    return google.Empty()


def squash_commit(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Remove a commit whose data is in a later one, and what was made from it."""
    ref = read_commit_ref(request.commit)
    with pfs.transaction() as txn:
        forget_jobs_of(txn, commits.squash(txn, ref, request.recursive))
    return api.SquashCommitResponse()


def drop_commit(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Remove a commit that nothing came after, with its data and what was made from it."""
    ref = read_commit_ref(request.commit)
    with pfs.transaction() as txn:
        forget_jobs_of(txn, commits.drop(txn, ref, request.recursive))
    return api.DropCommitResponse()


def forget_commit(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Give up what an old output commit holds."""
    with pfs.transaction() as txn:
        commits.forget(txn, read_commit_picker(request.commit))
    return api.ForgetCommitResponse()
