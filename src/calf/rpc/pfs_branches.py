"""Branches over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.pfs import branches, commits
from calf.pfs.engine import Pfs
from calf.rpc.call import Call, Handlers
from calf.rpc.pfs_commits import read_optional_ref
from calf.wire.convert_pfs import read_trigger, write_branch_info
from calf.wire.convert_refs import read_branch, read_repo
from calf.wire.messages import Message, google


def handlers(pfs: Pfs) -> Handlers:
    """All methods about branches."""
    return {
        "/pfs_v2.API/CreateBranch": partial(create_branch, pfs),
        "/pfs_v2.API/InspectBranch": partial(inspect_branch, pfs),
        "/pfs_v2.API/ListBranch": partial(list_branch, pfs),
        "/pfs_v2.API/DeleteBranch": partial(delete_branch, pfs),
    }


def create_branch(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Make a branch or change one; what the request leaves out is taken away."""
    branch = read_branch(request.branch)
    provenance = [read_branch(upstream) for upstream in request.provenance]
    with pfs.transaction() as txn:
        commits.check_no_versions(txn.tx, branch)
        commits.check_still_wired(txn.tx, branch, provenance)
        branches.create(
            txn,
            branch,
            read_optional_ref(request.head, branch.repo),
            provenance,
            read_trigger(request.trigger) if request.HasField("trigger") else None,
            [
                read_branch(spec.branch)
                for spec in request.branch_propagation_specs
                if spec.propagation_spec.never
            ],
        )
    return google.Empty()


def inspect_branch(pfs: Pfs, request: Message, _call: Call) -> Message:
    """One record."""
    with pfs.read() as tx:
        return write_branch_info(branches.inspect(tx, read_branch(request.branch)))


def list_branch(pfs: Pfs, request: Message, _call: Call) -> Iterator[Message]:
    """The records of a repo's branches."""
    with pfs.read() as tx:
        infos = branches.list_(tx, read_repo(request.repo), request.reverse)
    yield from map(write_branch_info, infos)


def delete_branch(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Remove a branch; its commits stay."""
    branch = read_branch(request.branch)
    with pfs.transaction() as txn:
        if not request.force:
            commits.check_still_wired(txn.tx, branch, ())
        branches.delete(txn, branch, request.force)
    return google.Empty()
