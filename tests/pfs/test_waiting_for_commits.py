from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError, Cancelled, NotFound, WrongState
from calf.model.pfs_infos import CommitInfo
from calf.model.refs import Commit
from calf.model.states import CommitState, OriginKind
from calf.pfs import commits, commitsets, repos
from tests.pfs.noticing import NoticingToken
from tests.pfs.world import World, ref, repo_of


class Background:
    """Runs `work` in a thread; `end` gives what it gave or raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._outcome: object = None
        self._thread = threading.Thread(target=self._run, args=(work,))
        self._thread.start()

    def _run(self, work: Callable[[], object]) -> None:
        try:
            self._outcome = work()
        except CalfError as error:
            self._outcome = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> object:
        self._thread.join(10)
        assert not self.running
        return self._outcome


def waiting(world: World, what: str | Commit, state: CommitState, token: CancelToken) -> Background:
    target = ref(what) if isinstance(what, str) else what
    return Background(lambda: commits.wait(world.pfs, target, state, token))


def test_waiting_ends_when_the_commit_is_finished(world: World) -> None:
    world.repo("raw")
    commit = world.start("raw@master")
    waiter = waiting(world, "raw@master", CommitState.FINISHED, CancelToken())
    assert waiter.running
    world.finish(commit, error="well, badly")
    info = waiter.end()
    assert isinstance(info, CommitInfo)
    assert (info.commit, info.error) == (commit, "well, badly")


def test_a_branch_that_moves_on_does_not_change_what_is_waited_for(world: World) -> None:
    world.repo("raw")
    world.commit("raw@dev")
    commit = world.start("raw@master")
    token = NoticingToken()
    waiter = waiting(world, "raw@master", CommitState.FINISHED, token)
    assert token.noticed.wait(10)
    world.branch("raw@master", head="raw@dev")
    world.finish(commit)
    info = waiter.end()
    assert isinstance(info, CommitInfo)
    assert info.commit == commit


def test_ready_means_that_the_inputs_are_finished(world: World) -> None:
    """F5.69."""
    world.repo("in", "out")
    world.branch("out@master", provenance="in@master")
    put = world.start("in@master")
    waiter = waiting(world, "out@master", CommitState.READY, CancelToken())
    assert waiter.running
    world.finish(put)
    info = waiter.end()
    assert isinstance(info, CommitInfo)
    assert (info.commit.id, info.state) == (put.id, CommitState.STARTED)


def test_a_commit_deleted_meanwhile_is_named(world: World) -> None:
    world.repo("raw")
    commit, token = world.start("raw@master"), NoticingToken()
    waiter = waiting(world, commit, CommitState.FINISHED, token)
    assert token.noticed.wait(10)
    with world.pfs.transaction() as txn:
        repos.delete(txn, repo_of("raw"))
    error = waiter.end()
    assert isinstance(error, WrongState)
    assert str(error) == f"commit {commit} was deleted"


def test_waiting_ends_by_cancelling(world: World) -> None:
    world.repo("raw")
    token = CancelToken()
    waiter = waiting(world, world.start("raw@master"), CommitState.FINISHED, token)
    token.cancel()
    assert isinstance(waiter.end(), Cancelled)


def test_waiting_for_what_is_not_there_fails_at_once(world: World) -> None:
    world.repo("raw")
    with pytest.raises(NotFound, match='branch "master" not found'):
        commits.wait(world.pfs, ref("raw@master"), CommitState.FINISHED, CancelToken())


def test_a_subscription_gives_old_commits_then_new_ones(world: World) -> None:
    world.repo("raw")
    line = [world.commit("raw@master") for _ in range(3)]
    world.commit("raw@other")
    token = CancelToken()
    wanted = commits.Subscription(
        repo_of("raw"), branch="master", from_=ref("raw@master^^"), state=CommitState.FINISHED
    )
    stream = commits.subscribe(world.pfs, wanted, token)
    assert [next(stream).commit for _ in range(2)] == line[1:]
    waiter = Background(lambda: next(stream).commit)
    later = world.start("raw@master")
    assert waiter.running
    world.finish(later)
    assert waiter.end() == later
    token.cancel()
    with pytest.raises(Cancelled):
        next(stream)


def test_a_subscription_never_passes_by_an_open_commit_among_many_old_ones(world: World) -> None:
    world.repo("raw")
    before = [world.commit("raw@master") for _ in range(40)]
    still_open = world.start("raw@other")
    after = [world.commit("raw@master") for _ in range(3)]
    token = NoticingToken()
    stream = commits.subscribe(
        world.pfs, commits.Subscription(repo_of("raw"), state=CommitState.FINISHED), token
    )
    assert [next(stream).commit for _ in before] == before
    waiter = Background(lambda: [next(stream).commit for _ in range(4)])
    assert token.noticed.wait(10)
    assert waiter.running
    world.finish(still_open)
    assert waiter.end() == [still_open, *after]


def test_a_subscription_may_ask_for_users_commits_only(world: World) -> None:
    world.repo("raw")
    world.branch("raw@empty")
    put = world.commit("raw@master")
    wanted = commits.Subscription(repo_of("raw"), origin=OriginKind.USER)
    assert next(commits.subscribe(world.pfs, wanted, CancelToken())).commit == put


def test_a_subscription_to_a_missing_repo_fails(world: World) -> None:
    with pytest.raises(NotFound, match="repo default/raw not found"):
        next(commits.subscribe(world.pfs, commits.Subscription(repo_of("raw")), CancelToken()))


def test_a_set_is_waited_for_inputs_first(world: World) -> None:
    world.repo("in", "out")
    world.branch("out@master", provenance="in@master")
    world.finish("out@master")
    put = world.start("in@master")
    stream = commitsets.wait(world.pfs, put.id, CancelToken())
    waiter = Background(lambda: [info.commit.repo.name for info in stream])
    world.finish(put)
    assert waiter.running
    world.finish("out@master", error="failed")
    assert waiter.end() == ["in", "out"]
