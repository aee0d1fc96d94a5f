"""Commit sets over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.pfs import commitsets
from calf.pfs.engine import Pfs
from calf.rpc.call import Call, Handlers
from calf.wire.convert_pfs import write_commit_info, write_commit_set_info
from calf.wire.messages import Message


def handlers(pfs: Pfs) -> Handlers:
    """All methods about commit sets."""
    return {
        "/pfs_v2.API/InspectCommitSet": partial(inspect_commit_set, pfs),
        "/pfs_v2.API/ListCommitSet": partial(list_commit_set, pfs),
    }


def inspect_commit_set(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The commits of a set and all that they come from, provenance first; or each as it finishes."""
    set_id = request.commit_set.id
    if request.wait:
        yield from map(write_commit_info, commitsets.wait(pfs, set_id, call.cancel))
        return
    with pfs.read() as tx:
        info = commitsets.inspect(tx, set_id)
    yield from map(write_commit_info, info.commits)


def list_commit_set(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """Every set with its own commits, newest first."""
    for info in commitsets.list_(pfs, request.project.name):
        call.cancel.check()
        yield write_commit_set_info(info)
