"""Random changes of the graph and of a simple model of it: after each both agree, and fsck is silent.

What the model refuses the graph must refuse, and nothing else. `make state-test` runs more and longer ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from calf.db import commits as commit_rows
from calf.db import ledger
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.errors import CalfError, Unfinished
from calf.model.pfs_infos import Trigger
from calf.model.refs import Commit
from calf.model.states import OriginKind
from calf.pfs import branches, commits
from calf.pfs.transaction import Txn
from tests.pfs.graph_model import GraphModel, MCommit, Refused
from tests.pfs.world import World, at, ref, repo_of, uuid_like
from tests.state_machines import PARTS, play

MEMORY = Path("/dev/shm")
"""A folder in memory, where there is one: what is tested here is not the disk."""
REPOS = ("a", "b", "c", "d")
BRANCHES = st.sampled_from([f"{repo}@{name}" for repo in REPOS for name in ("master", "dev")])
PROVENANCE = st.lists(BRANCHES, max_size=2, unique=True)


@dataclass(frozen=True)
class Op:
    """One change, to be made to the model and to the graph."""

    say: str
    model: Callable[[GraphModel], object]
    real: Callable[[Txn], object]

    def __repr__(self) -> str:
        return self.say


class GraphMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        opened = World.open(Path(self.folder.name)).pfs
        self.used: list[str] = []
        self.world = World(replace(opened, new_id=self.new_id))
        self.world.repo(*REPOS)
        self.model = GraphModel()
        self.ids: dict[int, str] = {}
        self.real: dict[MCommit, Commit] = {}
        self.paths = self.seen = 0
        self.changed = True
        self.known: dict[bytes | None, frozenset[str]] = {}

    def new_id(self) -> str:
        self.used.append(uuid_like(1000 + len(self.used)))
        return self.used[-1]

    def teardown(self) -> None:
        for commit in self.model.commits:
            info = self.world.info(self.real[commit])
            assert [it.id for it in info.children] == [self.real[it].id for it in self.model.children(commit)]
        self.world.pfs.close()
        self.folder.cleanup()

    def both(self, *ops: Op) -> None:
        """Make changes in one transaction, here and there: both must do them, or both refuse."""
        kept, number = self.model.keep(), self.model.number
        self.model.begin()
        refused = fired = False
        try:
            for op in ops:
                op.model(self.model)
            fired = self.model.end()
        except Refused:
            refused = True
            self.model.restore(kept)
        mark = len(self.used)
        with pytest.raises(CalfError) if refused else nullcontext():
            self.really(ops)
        self.changed = not refused
        if not refused:
            assert len(self.used) - mark == 1 + fired
            self.ids.update(enumerate(self.used[mark:], number + 1))
            for commit in self.model.commits:
                self.real.setdefault(commit, Commit(repo_of(commit.repo), self.ids[commit.number]))

    def really(self, ops: tuple[Op, ...]) -> None:
        with self.world.pfs.transaction() as txn:
            for op in ops:
                op.real(txn)

    def op(self, data: st.DataObject) -> Op:
        """Any change but a write."""
        makers = [self.start_op, self.create_op, self.move_op, self.finish_op, self.delete_op, self.remove_op]
        return data.draw(st.sampled_from(makers))(data)

    def start_op(self, data: st.DataObject) -> Op:
        name = data.draw(BRANCHES)
        return Op(f"start {name}", lambda model: model.start(name), lambda txn: commits.start(txn, at(name)))

    def create_op(self, data: st.DataObject) -> Op:
        name, upstream = data.draw(BRANCHES), data.draw(PROVENANCE)
        never = frozenset(data.draw(st.sets(st.sampled_from(upstream), max_size=1)) if upstream else ())
        follows = data.draw(st.none() | st.tuples(st.sampled_from(("master", "dev")), st.integers(1, 3)))
        wanted = data.draw(st.booleans())  # both at once are refused
        follows = follows if wanted or not upstream else None
        return self.branch_op(name, upstream, never=never, follows=follows)

    def branch_op(
        self,
        name: str,
        upstream: list[str],
        head: MCommit | None = None,
        never: frozenset[str] = frozenset(),
        follows: tuple[str, int] | None = None,
    ) -> Op:
        return Op(
            f"branch {name} from {upstream} without {set(never)} at {head and self.real[head]}, {follows}",
            lambda model: model.create(name, upstream, head, never, follows),
            partial(
                branches.create,
                branch=at(name),
                head=ref(f"{name[0]}@{self.real[head].id}") if head else None,
                provenance=[at(other) for other in upstream],
                trigger=Trigger(follows[0], commits=follows[1]) if follows else None,
                never=[at(other) for other in never],
            ),
        )

    def move_op(self, data: st.DataObject) -> Op:
        name = data.draw(BRANCHES)
        own = [commit for commit in self.model.commits if commit.repo == name[0]]
        if not own:
            return self.start_op(data)
        head = data.draw(st.sampled_from(own))
        branch = self.model.branches.get(name)
        return self.branch_op(
            name, branch.upstream if branch else [], head, branch.never if branch else frozenset()
        )

    def finish_op(self, data: st.DataObject) -> Op:
        if not self.model.commits:
            return self.start_op(data)
        commit = data.draw(st.sampled_from(self.open_commits() or self.model.commits))
        error = data.draw(st.sampled_from(["", "", "it failed"]))
        return Op(
            f"finish {self.real[commit]} {error}",
            lambda model: model.finish(commit, error),
            lambda txn: commits.finish(txn, self.real[commit], error=error),
        )

    def delete_op(self, data: st.DataObject) -> Op:
        name, force = data.draw(BRANCHES), data.draw(st.booleans())
        return Op(
            f"delete {name}, by force: {force}",
            lambda model: model.delete(name, force),
            lambda txn: branches.delete(txn, at(name), force),
        )

    def remove_op(self, data: st.DataObject) -> Op:
        if not self.model.commits:
            return self.start_op(data)
        commit = data.draw(st.sampled_from(self.model.commits))
        verb = data.draw(st.sampled_from(["squash", "drop", "squash_set", "drop_set"]))
        recursive = data.draw(st.booleans())
        model_args: tuple[object, ...] = (commit, recursive)
        args: tuple[object, ...] = (self.real[commit], recursive)
        if verb.endswith("_set"):
            model_args, args = (commit.number,), (self.real[commit].id,)
        return Op(
            f"{verb} {self.real[commit]} {args[1:]}",
            lambda model: getattr(model, verb)(*model_args),
            lambda txn: getattr(commits, verb)(txn, *args),
        )

    def open_commits(self) -> list[MCommit]:
        return [commit for commit in self.model.commits if not commit.finished]

    @rule(data=st.data())
    def one_start(self, data: st.DataObject) -> None:
        self.both(self.start_op(data))

    @rule(data=st.data())
    def one_finish(self, data: st.DataObject) -> None:
        self.both(self.finish_op(data))

    @rule(data=st.data())
    def one_change(self, data: st.DataObject) -> None:
        self.both(self.op(data))

    @rule(data=st.data(), number=st.integers(2, 4))
    def several_changes(self, data: st.DataObject, number: int) -> None:
        self.both(*(self.op(data) for _ in range(number)))

    @precondition(lambda self: self.open_commits())
    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        commit = data.draw(st.sampled_from(self.open_commits()))
        files = commit.files()
        if files is None:
            with pytest.raises(Unfinished):
                self.world.write(self.real[commit], "/x")
            self.changed = False
            return
        self.paths += 1
        self.changed = True
        self.world.write(self.real[commit], f"/{self.paths}")
        commit.written = files | {f"/{self.paths}"}

    @invariant()
    def all_is_as_it_should_be(self) -> None:
        """A refusal leaves no trace in the history of changes, and SQLite undid the rest."""
        with self.world.pfs.read() as tx:  # one snapshot for all
            seen, self.seen = self.seen, ledger.last(tx)
            if self.changed:
                self.branches_agree()
                self.commits_agree()
                assert self.world.fsck(verify=False) == []
            else:
                assert seen == self.seen

    def branches_agree(self) -> None:
        with self.world.pfs.read() as tx:
            listed = {str(info.branch).removeprefix("default/"): info for info in branches.list_(tx)}
        assert set(listed) == set(self.model.branches)
        for name, branch in self.model.branches.items():
            info = listed[name]
            assert branch.head is not None
            assert info.head == self.real[branch.head]
            assert info.direct_provenance == tuple(at(other) for other in branch.upstream)
            assert set(info.never) == {at(other) for other in branch.never}
            assert set(info.provenance) == {at(other) for other in self.model.above(name)}
            assert branch.follows == ((info.trigger.branch, info.trigger.commits) if info.trigger else None)

    def commits_agree(self) -> None:
        with self.world.pfs.read() as tx:
            rows = commit_rows.select(tx, "ORDER BY c.id")
            by_id, real = {row.id: row for row in rows}, {row.commit: row for row in rows}
            edges = tx.all("SELECT downstream, upstream, branch FROM commit_provenance")
            inputs: dict[int, dict[str, Commit]] = {row.id: {} for row in rows}
            for downstream, upstream, branch in edges:
                source = by_id[upstream].commit
                inputs[downstream][f"{source.repo.name}@{branch}"] = source
            assert set(real) == {self.real[commit] for commit in self.model.commits}
            for commit in self.model.commits:
                row = real[self.real[commit]]
                parent = by_id[row.parent].commit if row.parent else None
                assert parent == (self.real[commit.parent] if commit.parent else None)
                assert (row.origin is OriginKind.USER, bool(row.finished)) == (commit.user, commit.finished)
                assert row.error == commit.error
                assert inputs[row.id] == {name: self.real[it] for name, it in commit.inputs.items()}
                assert row.branch == (commit.branch.name.partition("@")[2] if commit.branch else "")
                self.files_agree(tx, row, commit)

    def files_agree(self, tx: Tx, row: CommitRow, commit: MCommit) -> None:
        files = commit.files()
        if files is None:
            with pytest.raises(Unfinished):
                commits.root(tx, row.commit)
            return
        root = row.root if row.written else commits.root(tx, row.commit)
        if root not in self.known:
            self.known[root] = frozenset(self.world.files(row.commit))
        assert self.known[root] == files


@pytest.mark.parametrize("part", PARTS)
def test_the_graph_agrees_with_the_model(part: int) -> None:
    play(GraphMachine, part, examples=20, steps=25)
