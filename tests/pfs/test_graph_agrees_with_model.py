"""Random changes of the graph and of a simple model of it: after each both agree, and fsck is silent."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from calf.model.errors import InvalidArgument, Precondition, Unfinished, WrongState
from calf.model.refs import Commit
from calf.model.states import OriginKind
from calf.pfs import branches, commits
from calf.pfs.transaction import Txn
from tests.pfs.graph_model import GraphModel, MCommit
from tests.pfs.world import World, at, ref, repo_of

REPOS = ("a", "b", "c", "d")
BRANCHES = st.sampled_from([f"{repo}@{name}" for repo in REPOS for name in ("master", "dev")])
PROVENANCE = st.lists(BRANCHES, max_size=2, unique=True)


class GraphMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World.open(Path(self.folder.name))
        self.world.repo(*REPOS)
        self.model = GraphModel()
        self.real: dict[MCommit, Commit] = {}
        self.paths = 0

    def teardown(self) -> None:
        self.world.pfs.close()
        self.folder.cleanup()

    def end(self, txn: Txn) -> None:
        """End the model's transaction, and give its new commits their real names."""
        self.model.end()
        for commit in self.model.commits:
            self.real.setdefault(commit, Commit(repo_of(commit.repo), txn.set_id))

    def start_allowed(self, name: str) -> bool:
        branch = self.model.branches.get(name)
        return branch is None or (not branch.upstream and (branch.head is None or branch.head.finished))

    @rule(names=st.lists(BRANCHES, min_size=1, max_size=2, unique_by=lambda name: name[0]))
    def start(self, names: list[str]) -> None:
        if not all(self.start_allowed(name) for name in names) or self.repos_meet(names):
            with pytest.raises(WrongState):
                self.start_all(names)
            return
        self.model.begin()
        txn = self.start_all(names)
        for name in names:
            self.model.start(name)
        self.end(txn)

    def start_all(self, names: list[str]) -> Txn:
        with self.world.pfs.transaction() as txn:
            for name in names:
                commits.start(txn, at(name))
            return txn

    @rule(name=BRANCHES, upstream=PROVENANCE)
    def create_branch(self, name: str, upstream: list[str]) -> None:
        if not self.model.may_read(name, upstream):
            with pytest.raises((InvalidArgument, WrongState)):
                self.world.branch(name, " ".join(upstream))
            return
        if self.makes_two_commits_of_a_repo(name, upstream):
            return
        self.model.begin()
        with self.world.pfs.transaction() as txn:
            branches.create(txn, at(name), provenance=[at(other) for other in upstream])
        self.model.create(name, upstream)
        self.end(txn)

    def makes_two_commits_of_a_repo(self, name: str, upstream: list[str]) -> bool:
        """Whether this would need two commits of one repo in a set: fine to refuse, not worth modelling."""
        fresh = [other for other in upstream if other not in self.model.branches]
        return self.repos_meet([name, *fresh])

    def repos_meet(self, names: list[str]) -> bool:
        """Whether commits on these branches, propagated, would be two of one repo."""
        downstream = {it for it in self.model.branches if self.model.above(it) & set(names)}
        repos = [it.partition("@")[0] for it in {*names, *downstream}]
        return len(repos) != len(set(repos))

    @precondition(lambda self: self.model.commits)
    @rule(name=BRANCHES, data=st.data())
    def move_head(self, name: str, data: st.DataObject) -> None:
        own = [commit for commit in self.model.commits if commit.repo == name[0]]
        if not own:
            return
        head = data.draw(st.sampled_from(own))
        upstream = self.model.branches[name].upstream if name in self.model.branches else []
        self.model.begin()
        with self.world.pfs.transaction() as txn:
            branches.create(
                txn, at(name), ref(f"{name[0]}@{self.real[head].id}"), [at(other) for other in upstream]
            )
        self.model.create(name, upstream, head)
        self.end(txn)

    @precondition(lambda self: self.open_commits())
    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        commit = data.draw(st.sampled_from(self.open_commits()))
        files = commit.files()
        if files is None:
            with pytest.raises(Unfinished):
                self.world.write(self.real[commit], "/x")
            return
        self.paths += 1
        self.world.write(self.real[commit], f"/{self.paths}")
        commit.written = files | {f"/{self.paths}"}

    @precondition(lambda self: self.open_commits())
    @rule(data=st.data(), error=st.sampled_from(["", "", "it failed"]))
    def finish(self, data: st.DataObject, error: str) -> None:
        commit = data.draw(st.sampled_from(self.open_commits()))
        files = commit.files()
        if files is None and not error:
            with pytest.raises(Unfinished):
                self.world.finish(self.real[commit])
            return
        self.world.finish(self.real[commit], error)
        commit.finished, commit.error = True, error
        if not error:
            commit.written = files

    @precondition(lambda self: self.model.branches)
    @rule(data=st.data(), force=st.booleans())
    def delete_branch(self, data: st.DataObject, force: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.model.branches)))
        if self.model.users(name) and not force:
            with pytest.raises(Precondition), self.world.pfs.transaction() as txn:
                branches.delete(txn, at(name))
            return
        with self.world.pfs.transaction() as txn:
            branches.delete(txn, at(name), force)
        self.model.delete(name)

    def open_commits(self) -> list[MCommit]:
        return [commit for commit in self.model.commits if not commit.finished]

    @invariant()
    def branches_agree(self) -> None:
        with self.world.pfs.read() as tx:
            listed = {str(info.branch).removeprefix("default/"): info for info in branches.list_(tx)}
        assert set(listed) == set(self.model.branches)
        for name, branch in self.model.branches.items():
            assert branch.head is not None
            assert listed[name].head == self.real[branch.head]
            assert listed[name].direct_provenance == tuple(at(other) for other in branch.upstream)
            assert set(listed[name].provenance) == {at(other) for other in self.model.above(name)}

    @invariant()
    def commits_agree(self) -> None:
        for commit in self.model.commits:
            info = self.world.info(self.real[commit])
            assert info.parent == (self.real[commit.parent] if commit.parent else None)
            assert (info.origin is OriginKind.USER, bool(info.finished)) == (commit.user, commit.finished)
            assert info.error == commit.error
            with self.world.pfs.read() as tx:
                inputs = commits.inputs(tx, self.real[commit])
            assert inputs == {at(name): self.real[it] for name, it in commit.inputs.items()}
            if (files := commit.files()) is not None:
                assert set(self.world.files(self.real[commit])) == files

    @invariant()
    def fsck_is_silent(self) -> None:
        assert self.world.fsck(verify=False) == []


GraphMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
test_the_graph_agrees_with_the_model = GraphMachine.TestCase
