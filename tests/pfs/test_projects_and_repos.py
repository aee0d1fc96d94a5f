from __future__ import annotations

from collections.abc import Sequence

import pytest

from calf.db.tx import Row, Tx
from calf.model.errors import AlreadyExists, InvalidArgument, NotFound, Precondition, WrongState
from calf.model.refs import Branch, Repo
from calf.pfs import branches, commits, projects, repos
from calf.pfs.wiping import delete_all
from tests.pfs.world import World, at, ref, repo_of


def test_a_fresh_folder_has_project_default(world: World) -> None:
    with world.pfs.read() as tx:
        assert [info.name for info in projects.list_(tx)] == ["default"]


def test_a_project_is_made_once_and_described_by_update(world: World) -> None:
    with world.pfs.transaction() as txn:
        projects.create(txn, "pets", "first")
        with pytest.raises(AlreadyExists, match=r"^project pets already exists$"):
            projects.create(txn, "pets", "second")
        projects.create(txn, "pets", "second", update=True)
        assert projects.inspect(txn.tx, "pets").description == "second"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no spaces", "only alphanumeric characters, underscores, and dashes are allowed"),
        ("-dash", "project names must start with an alphanumeric character"),
        ("x" * 52, "1 characters longer than the 51 max"),
        ("", "only alphanumeric"),
    ],
)
def test_an_illegal_project_name_is_refused(world: World, name: str, text: str) -> None:
    with world.pfs.transaction() as txn, pytest.raises(InvalidArgument, match=text):
        projects.create(txn, name)


def test_a_project_with_repos_stays_and_says_which(world: World) -> None:
    with world.pfs.transaction() as txn:
        projects.create(txn, "pets")
        repos.create(txn, Repo("pets", "raw"))
        with pytest.raises(Precondition, match="cannot delete project pets: repo pets/raw still exists"):
            projects.delete(txn, "pets")
        repos.delete(txn, Repo("pets", "raw"))
        projects.delete(txn, "pets")
        with pytest.raises(NotFound, match=r'^project "pets" not found$'):
            projects.inspect(txn.tx, "pets")


def test_the_same_repo_name_in_two_projects_is_two_repos(world: World) -> None:
    with world.pfs.transaction() as txn:
        projects.create(txn, "pets")
        for project in ("default", "pets"):
            repos.create(txn, Repo(project, "raw"), project)
        assert repos.inspect(txn.tx, Repo("pets", "raw")).description == "pets"
        assert [info.repo.project for info in repos.list_(txn.tx, projects=("pets",))] == ["pets"]


def test_a_repo_is_made_once_and_described_by_update(world: World) -> None:
    world.repo("raw")
    with world.pfs.transaction() as txn:
        with pytest.raises(AlreadyExists, match=r"^repo default/raw already exists$"):
            repos.create(txn, repo_of("raw"))
        repos.create(txn, repo_of("raw"), "pictures", update=True)
        repos.create(txn, repo_of("new"), "made by update", update=True)
        assert repos.inspect(txn.tx, repo_of("raw")).description == "pictures"
        assert repos.inspect(txn.tx, repo_of("new")).description == "made by update"


@pytest.mark.parametrize(
    ("repo", "error", "text"),
    [
        (Repo("default", "a/b"), InvalidArgument, r"name \(a/b\) invalid"),
        (Repo("default", "__filesets__"), InvalidArgument, "reserved"),
        (Repo("default", "a", "other"), InvalidArgument, "unknown repo type"),
        (Repo("nowhere", "a"), NotFound, '^cannot find project "nowhere"$'),
        (
            Repo("default", "a", "meta"),
            WrongState,
            "^cannot create a system repo without a corresponding 'user' repo$",
        ),
    ],
)
def test_a_repo_that_cannot_be_is_refused(
    world: World, repo: Repo, error: type[Exception], text: str
) -> None:
    with world.pfs.transaction() as txn, pytest.raises(error, match=text):
        repos.create(txn, repo)


def test_a_missing_repo_is_named(world: World) -> None:
    with world.pfs.read() as tx, pytest.raises(NotFound, match=r"^repo default/raw not found$"):
        repos.inspect(tx, repo_of("raw"))


def test_repos_are_listed_by_type(world: World) -> None:
    world.repo("in")
    world.pipeline("p", reads="in@master")
    with world.pfs.read() as tx:
        assert {str(info.repo) for info in repos.list_(tx, "user")} == {"default/in", "default/p"}
        assert len(repos.list_(tx)) == 4


def test_the_size_of_a_repo_is_that_of_the_newest_good_commit_on_master(world: World) -> None:
    world.repo("raw")
    world.commit("raw@master", "/12345")
    world.commit("raw@master", "/more", error="bad")
    world.start("raw@master")
    with world.pfs.read() as tx:
        assert repos.inspect(tx, repo_of("raw")).size == len("/12345")


def test_deleting_a_missing_repo_says_so_without_an_error(world: World) -> None:
    with world.pfs.transaction() as txn:
        assert repos.delete(txn, repo_of("raw")) is False


def test_a_deleted_repo_can_be_made_again_and_is_empty(world: World) -> None:
    world.repo("raw")
    world.commit("raw@master", "/a")
    world.start("raw@master")
    with world.pfs.transaction() as txn:
        assert repos.delete(txn, repo_of("raw")) is True
    world.repo("raw")
    assert world.log("raw") == []


def test_a_repo_that_others_read_stays_unless_forced(world: World) -> None:
    world.repo("in", "out")
    world.branch("out@master", provenance="in@master")
    world.finish("out@master")
    with world.pfs.transaction() as txn:
        with pytest.raises(Precondition, match=r"direct provenance of \[default/out@master\]"):
            repos.delete(txn, repo_of("in"))
        repos.delete(txn, repo_of("in"), force=True)
        assert branches.inspect(txn.tx, at("out@master")).direct_provenance == ()
        assert commits.inspect(txn.tx, ref("out@master")).direct_provenance == ()


def test_repos_that_depend_on_each_other_go_together(world: World) -> None:
    world.repo("in", "out")
    world.branch("out@master", provenance="in@master")
    with world.pfs.transaction() as txn:
        gone = repos.delete_several(txn, [repo_of("in"), repo_of("out")])
    assert set(gone) == {repo_of("in"), repo_of("out")}


@pytest.mark.parametrize("name", ["p", "p.spec", "p.meta"])
def test_a_pipelines_repos_are_deleted_with_the_pipeline_only(world: World, name: str) -> None:
    world.repo("in")
    world.pipeline("p", reads="in@master")
    with world.pfs.transaction() as txn:
        with pytest.raises(
            WrongState,
            match=r"^cannot delete a repo associated with a pipeline - delete the pipeline instead$",
        ):
            repos.delete(txn, repo_of(name))
        repos.delete(txn, repo_of("p"), force=True)
        assert [info.repo.name for info in repos.list_(txn.tx)] == ["in"]


def test_keeping_only_the_output_of_a_deleted_pipeline(world: World) -> None:
    world.repo("in")
    first = world.pipeline("p", reads="in@master")
    world.run(first)
    with world.pfs.transaction() as txn:
        branches.create(txn, at("p@master"))
        repos.delete(txn, repo_of("p.meta"), force=True)
        repos.delete(txn, repo_of("p.spec"), force=True)
    assert world.head("p@master").id == first
    assert world.info("p@master").direct_provenance == (world.head("in@master"),)


def test_delete_all_leaves_an_empty_default_project(world: World) -> None:
    with world.pfs.transaction() as txn:
        projects.create(txn, "pets")
        repos.create(txn, Repo("pets", "raw"))
        branches.create(txn, Branch(Repo("pets", "raw"), "master"))
    world.repo("in")
    world.pipeline("p", reads="in@master")
    with world.pfs.transaction() as txn:
        projects.create(txn, "default", "mine", update=True)
        delete_all(txn)
        assert [(it.name, it.description) for it in projects.list_(txn.tx)] == [("default", "")]
        assert repos.list_(txn.tx) == []


def test_project_default_cannot_be_deleted(world: World) -> None:
    with (
        world.pfs.transaction() as txn,
        pytest.raises(Precondition, match=r"^cannot delete project default: it always exists$"),
    ):
        projects.delete(txn, "default")


def test_a_list_of_repos_takes_as_many_questions_as_one_repo(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"r{number}" for number in range(9)]
    world.repo(*names)
    for name in names[1:]:
        world.commit(f"{name}@master", f"/of-{name}")
    open_ = world.start("r8@master")
    asked: list[str] = []
    real = Tx.all

    def count(tx: Tx, sql: str, params: Sequence[object] = ()) -> list[Row]:
        asked.append(sql)
        return real(tx, sql, params)

    monkeypatch.setattr(Tx, "all", count)
    with world.pfs.read() as tx:
        found = {info.repo.name: info for info in repos.list_(tx)}
        of_all = len(asked)
        assert [found[name] for name in names] == [repos.inspect(tx, repo_of(name)) for name in names]
    assert of_all == 5, "the repos, branches, pairs, heads; and the parent of the open head"
    assert [found[name].size for name in ("r0", "r1", "r8")] == [0, len("/of-r1"), len("/of-r8")]
    assert [branch.name for branch in found["r8"].branches] == ["master"]
    world.finish(open_)
