from __future__ import annotations

import re

import pytest

from calf.db import ledger
from calf.model.errors import InvalidArgument, NotFound, Unfinished, WrongState
from calf.model.states import CommitState, OriginKind
from calf.pfs import commits
from tests.pfs.world import World, at, ref


def test_a_started_commit_is_the_head_at_once(world: World) -> None:
    world.repo("raw")
    commit = world.start("raw@master")
    assert world.head("raw@master") == commit
    info = world.info(commit)
    assert (info.state, info.origin, info.branch) == (CommitState.STARTED, OriginKind.USER, "master")


def test_a_finished_commit_knows_its_size_and_times(world: World) -> None:
    world.repo("raw")
    commit = world.commit("raw@master", "/abc", "/d/e")
    info = world.info(commit)
    assert info.size == len("/abc") + len("/d/e")
    assert 0 < info.started < info.finishing <= info.finished
    assert info.error == ""


def test_a_child_holds_what_its_parent_held(world: World) -> None:
    world.repo("raw")
    first = world.commit("raw@master", "/a")
    second = world.commit("raw@master", "/b")
    assert world.files("raw@master") == ["/a", "/b"]
    assert world.info(second).parent == first
    assert world.info(first).children == (second,)


def test_an_open_commit_shows_what_is_written_so_far(world: World) -> None:
    world.repo("raw")
    world.commit("raw@master", "/a")
    commit = world.start("raw@master")
    assert world.files(commit) == ["/a"]
    world.write(commit, "/b")
    assert world.files(commit) == ["/a", "/b"]


def test_clearing_an_open_commit_undoes_its_writes(world: World) -> None:
    world.repo("raw")
    world.commit("raw@master", "/a")
    commit = world.start("raw@master")
    world.write(commit, "/b")
    with world.pfs.transaction() as txn:
        commits.clear(txn, ref("raw@master"))
    assert world.files(commit) == ["/a"]
    world.finish(commit)
    with world.pfs.transaction() as txn, pytest.raises(WrongState, match=r"^cannot clear finished commit$"):
        commits.clear(txn, commit)


def test_an_empty_commit_is_a_commit(world: World) -> None:
    world.repo("raw")
    world.commit("raw@master", "/a")
    world.commit("raw@master")
    assert world.files("raw@master") == ["/a"]
    assert len(world.log("raw")) == 2


def test_a_commit_finishes_once(world: World) -> None:
    world.repo("raw")
    commit = world.commit("raw@master")
    for force in (False, True):
        with pytest.raises(WrongState, match=f"^commit {commit} has already finished$"):
            world.finish(commit, force=force)


def test_a_finished_commit_cannot_be_written(world: World) -> None:
    world.repo("raw")
    commit = world.commit("raw@master")
    with pytest.raises(WrongState, match=f"^commit {commit} has already finished$"):
        world.write(commit, "/a")


def test_a_frozen_commit_is_finishing_and_ends_by_force(world: World) -> None:
    world.repo("raw")
    commit = world.start("raw@master")
    with world.pfs.transaction() as txn:
        commits.freeze(txn, commit)
    assert world.info(commit).state is CommitState.FINISHING
    with pytest.raises(WrongState, match="has already finished"):
        world.write(commit, "/a")
    with pytest.raises(WrongState, match="has already finished"):
        world.finish(commit, force=False)
    world.finish(commit)
    assert world.info(commit).state is CommitState.FINISHED


def test_the_description_of_the_end_replaces_that_of_the_start(world: World) -> None:
    world.repo("raw")
    with world.pfs.transaction() as txn:
        commit = commits.start(txn, at("raw@master"), description="begun")
    assert world.info(commit).description == "begun"
    with world.pfs.transaction() as txn:
        commits.finish(txn, commit, description="done")
    assert world.info(commit).description == "done"


def test_children_skip_a_commit_with_an_error(world: World) -> None:
    """F3.41."""
    world.repo("raw")
    world.commit("raw@master", "/f1")
    bad = world.commit("raw@master", "/f2", error="something broke")
    world.commit("raw@master", "/f3")
    assert world.files("raw@master") == ["/f1", "/f3"]
    assert world.files(bad) == ["/f1", "/f2"]
    assert world.info(bad).error == "something broke"


def test_a_parent_that_is_open_is_refused(world: World) -> None:
    world.repo("raw")
    first = world.start("raw@master")
    with pytest.raises(WrongState, match=f"^parent commit {first} has not been finished$"):
        world.start("raw@master")


def test_a_commit_may_start_anywhere_in_history(world: World) -> None:
    world.repo("raw")
    first = world.commit("raw@master", "/a")
    world.commit("raw@master", "/b")
    with world.pfs.transaction() as txn:
        commit = commits.start(txn, at("raw@dev"), parent=ref("raw@master^"))
    assert world.info(commit).parent == first
    assert world.files(commit) == ["/a"]


def test_a_parent_in_another_repo_is_refused(world: World) -> None:
    world.repo("raw", "other")
    world.commit("other@master")
    with (
        pytest.raises(InvalidArgument, match=r"^branch and parent commit must belong to the same repo$"),
        world.pfs.transaction() as txn,
    ):
        commits.start(txn, at("raw@master"), parent=ref("other@master"))


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("raw@", InvalidArgument, "^branch must be specified$"),
        ("none@master", NotFound, "^repo default/none not found$"),
        ("out@master", WrongState, "^cannot start a commit on an output branch: default/out@master$"),
        ("raw@a.b", InvalidArgument, r"^name \(a.b\) invalid"),
    ],
)
def test_a_commit_that_cannot_start_says_why(
    world: World, name: str, error: type[Exception], text: str
) -> None:
    world.repo("raw", "out")
    world.branch("out@master", provenance="raw@master")
    with pytest.raises(error, match=text):
        world.start(name)


def test_a_repo_gets_one_commit_a_transaction(world: World) -> None:
    world.repo("raw")

    def start_two() -> None:
        with world.pfs.transaction() as txn:
            commits.start(txn, at("raw@master"))
            commits.start(txn, at("raw@dev"))

    text = (
        "inconsistent dependencies: cannot create commit from default/raw@dev;"
        " repo (default/raw) already has a commit in this transaction"
    )
    with pytest.raises(WrongState, match=f"^{re.escape(text)}$"):
        start_two()
    assert world.log("raw") == []


def test_a_path_of_two_datums_is_an_error_of_the_commit(world: World) -> None:
    world.repo("raw")
    commit = world.start("raw@master")
    world.write(commit, "/overlap", tag="d1")
    world.write(commit, "/overlap", tag="d2")
    world.finish(commit)
    assert world.info(commit).error == (
        "duplicate path output by different datums (/overlap from d1 and /overlap from d2)"
    )


def test_a_path_that_is_file_and_directory_is_an_error_of_the_commit(world: World) -> None:
    """F7.85."""
    world.repo("raw")
    commit = world.commit("raw@master", "/a", "/a/b")
    assert world.info(commit).error == "file / directory path collision (/a)"
    assert world.files(world.commit("raw@master", "/c")) == ["/c"]


def test_a_pipelines_output_is_not_for_users_to_finish(world: World) -> None:
    world.repo("in")
    world.pipeline("p", reads="in@master")
    for repo in ("p", "p.meta"):
        with pytest.raises(
            WrongState, match=r"^cannot finish a pipeline output or meta commit, use 'stop job' instead$"
        ):
            world.finish(f"{repo}@master", force=False)


def test_an_output_of_a_plain_branch_is_for_users_to_finish(world: World) -> None:
    world.repo("in", "out")
    world.branch("out@master", provenance="in@master")
    world.finish("out@master", force=False)
    assert world.info("out@master").state is CommitState.FINISHED


def test_an_output_waits_for_the_one_before_unless_it_failed(world: World) -> None:
    world.repo("in")
    first = world.pipeline("p", reads="in@master")
    second = world.commit("in@master", "/a").id
    text = f"base commit default/p@{first} for commit default/p@{second} unfinished"
    with pytest.raises(Unfinished, match=f"^{text}$") as caught:
        world.finish(f"p@{second}")
    assert caught.value.hint == f"pachctl wait commit p@{first} comes first"
    with pytest.raises(Unfinished, match=f"^{text}$"):
        world.files(f"p@{second}")
    world.finish(f"p@{second}", error="stopped")
    world.finish(f"p@{first}")
    assert world.files(f"p@{second}") == []


def test_what_a_commit_holds_never_changes_behind_the_engine(world: World) -> None:
    world.repo("raw")
    world.commit("raw@master", "/a")
    with (
        world.pfs.db.write() as tx,
        pytest.raises(Exception, match="a finished commit never changes"),
    ):
        tx.execute("UPDATE commits SET root = NULL")


def test_every_change_is_in_the_ledger_in_order(world: World) -> None:
    world.repo("in", "out")
    world.branch("out@master", provenance="in@master")
    with world.pfs.read() as tx:
        mark = ledger.last(tx)
    commit = world.commit("in@master")
    with world.pfs.read() as tx:
        events = [(event.kind, event.key) for event in ledger.read(tx, after=mark)]
    assert events == [
        ("commit-opened", str(commit)),
        ("branch-moved", "default/in@master"),
        ("commit-opened", f"default/out@{commit.id}"),
        ("branch-moved", "default/out@master"),
        ("commit-finished", str(commit)),
    ]
