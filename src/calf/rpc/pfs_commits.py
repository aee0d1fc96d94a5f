"""Commits over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.model.refs import CommitRef, Repo
from calf.model.states import CommitState, OriginKind
from calf.pfs import commits
from calf.pfs.commits import CommitQuery, Subscription
from calf.pfs.engine import Pfs
from calf.rpc.call import Call, Handlers
from calf.wire.convert_pfs import write_commit_info
from calf.wire.convert_refs import read_branch, read_commit_ref, read_repo, write_commit
from calf.wire.enums import read_enum
from calf.wire.messages import Message, google
from calf.wire.times import read_time


def handlers(pfs: Pfs) -> Handlers:
    """All methods about single commits."""
    return {
        "/pfs_v2.API/StartCommit": partial(start_commit, pfs),
        "/pfs_v2.API/FinishCommit": partial(finish_commit, pfs),
        "/pfs_v2.API/ClearCommit": partial(clear_commit, pfs),
        "/pfs_v2.API/InspectCommit": partial(inspect_commit, pfs),
        "/pfs_v2.API/ListCommit": partial(list_commit, pfs),
        "/pfs_v2.API/SubscribeCommit": partial(subscribe_commit, pfs),
    }


def read_optional_ref(message: Message, default: Repo) -> CommitRef | None:
    """A Commit that a request may leave out; its repo is `default` unless it says otherwise."""
    return read_commit_ref(message, default) if message.id or message.branch.name else None


def start_commit(pfs: Pfs, request: Message, call: Call) -> Message:
    """Open a commit on a branch."""
    branch = read_branch(request.branch)
    with pfs.transaction() as txn:
        commits.check_no_versions(txn.tx, branch)
        parent = read_optional_ref(request.parent, branch.repo)
        commit = commits.start(txn, branch, parent, request.description, call.spout)
    return write_commit(commit, branch.name)


def finish_commit(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Close a commit."""
    with pfs.transaction() as txn:
        ref = read_commit_ref(request.commit)
        finish = commits.finish_by_force if request.force else commits.finish
        finish(txn, ref, request.description, request.error)
    return google.Empty()


def clear_commit(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Undo what was written to an open commit."""
    with pfs.transaction() as txn:
        commits.clear(txn, read_commit_ref(request.commit))
    return google.Empty()


def inspect_commit(pfs: Pfs, request: Message, call: Call) -> Message:
    """One record, at once or when the commit has come to a state."""
    ref = read_commit_ref(request.commit)
    if request.wait > CommitState.STARTED:
        return write_commit_info(commits.wait(pfs, ref, read_enum(CommitState, request.wait), call.cancel))
    with pfs.read() as tx:
        return write_commit_info(commits.inspect(tx, ref))


def list_commit(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """Records, newest first."""
    repo = read_repo(request.repo)
    query = CommitQuery(
        repo=repo,
        to=read_optional_ref(request.to, repo),
        from_=read_optional_ref(getattr(request, "from"), repo),
        number=max(request.number, 0),
        reverse=request.reverse,
        origin=_origin(request),
        started_before=read_time(request.started_time),
    )
    yield from map(write_commit_info, commits.stream(pfs, query, call.cancel))


def subscribe_commit(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """Records of commits old and new, until the client goes away."""
    repo = read_repo(request.repo)
    wanted = Subscription(
        repo=repo,
        branch=request.branch,
        from_=read_optional_ref(getattr(request, "from"), repo),
        state=read_enum(CommitState, request.state),
        origin=_origin(request),
    )
    yield from map(write_commit_info, commits.subscribe(pfs, wanted, call.cancel))


def _origin(request: Message) -> OriginKind:
    return OriginKind.UNKNOWN if request.all else read_enum(OriginKind, request.origin_kind)
