"""Walks over the graph of versioned data, over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.pfs import branches, commits
from calf.pfs.engine import Pfs
from calf.rpc.call import Call, Handlers
from calf.wire.convert_pfs import write_branch_info, write_commit_info
from calf.wire.convert_refs import read_commit_ref, write_commit
from calf.wire.messages import Message
from calf.wire.messages import pfs as api
from calf.wire.pickers import read_branch_picker, read_commit_picker


def handlers(pfs: Pfs) -> Handlers:
    """All methods that walk."""
    return {
        "/pfs_v2.API/FindCommits": partial(find_commits, pfs),
        "/pfs_v2.API/WalkCommitProvenance": partial(walk_commits, pfs, commits.walk_provenance),
        "/pfs_v2.API/WalkCommitSubvenance": partial(walk_commits, pfs, commits.walk_subvenance),
        "/pfs_v2.API/WalkBranchProvenance": partial(walk_branches, pfs, branches.walk_provenance),
        "/pfs_v2.API/WalkBranchSubvenance": partial(walk_branches, pfs, branches.walk_subvenance),
    }


def find_commits(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The commits of a line that changed a file, and where the search ended."""
    ref = read_commit_ref(request.start)
    for it in commits.find_commits(pfs, ref, request.file_path, request.limit, call.cancel):
        field = "found_commit" if it.found else "last_searched_commit"
        yield api.FindCommitsResponse(commits_searched=it.number, **{field: write_commit(it.commit)})


def walk_commits(pfs: Pfs, walk: commits.Walk, request: Message, _call: Call) -> Iterator[Message]:
    """The commits that others come from, or that come from them, the nearest first."""
    start = [read_commit_picker(picker) for picker in request.start]
    with pfs.read() as tx:
        infos = walk(tx, start, request.max_commits, request.max_depth)
    yield from map(write_commit_info, infos)


def walk_branches(pfs: Pfs, walk: branches.Walk, request: Message, _call: Call) -> Iterator[Message]:
    """The branches that others are made from, or that are made from them, the nearest first."""
    start = [read_branch_picker(picker) for picker in request.start]
    with pfs.read() as tx:
        infos = walk(tx, start, request.max_branches, request.max_depth)
    yield from map(write_branch_info, infos)
