"""The commit graph again, as simple as can be: what the real one must agree with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class MCommit:
    """`written` is None until something was written; `inputs` by the branch that each stands for."""

    repo: str
    number: int
    parent: MCommit | None
    inputs: dict[str, MCommit]
    user: bool
    written: frozenset[str] | None = None
    finished: bool = False
    error: str = ""

    def base(self) -> MCommit | None:
        """The nearest ancestor without error, finished or not."""
        ancestor = self.parent
        while ancestor is not None and ancestor.error:
            ancestor = ancestor.parent
        return ancestor

    def files(self) -> frozenset[str] | None:
        """What it holds; None while that cannot be said because the base is open."""
        if self.written is not None:
            return self.written
        base = self.base()
        if base is None:
            return frozenset()
        return base.written if base.finished else None


@dataclass(eq=False)
class MBranch:
    name: str
    upstream: list[str] = field(default_factory=list)
    head: MCommit | None = None

    @property
    def repo(self) -> str:
        return self.name.partition("@")[0]


class GraphModel:
    """Branches by name (`repo@branch`) and all commits; `begin`, changes, `end` are a transaction."""

    def __init__(self) -> None:
        self.branches: dict[str, MBranch] = {}
        self.commits: list[MCommit] = []
        self._number = 0
        self._moved: set[str] = set()
        self._owed: set[str] = set()

    def begin(self) -> None:
        self._number += 1
        self._moved, self._owed = set(), set()

    def start(self, name: str) -> MCommit:
        branch = self.branches.setdefault(name, MBranch(name))
        return self._open(branch, branch.head, user=True)

    def create(self, name: str, upstream: list[str], head: MCommit | None = None) -> None:
        branch = self.branches.setdefault(name, MBranch(name))
        for other in upstream:
            if other not in self.branches:
                self.create(other, [])
        changed = upstream != branch.upstream
        branch.upstream = upstream
        if head is not None:
            branch.head = head
            self._moved.add(name)
        if upstream and (changed or branch.head is None):
            self._owed.add(name)
        if not upstream and branch.head is None:
            first = self._open(branch, None, user=False)
            first.finished, first.written = True, frozenset()

    def delete(self, name: str) -> None:
        del self.branches[name]
        for branch in self.branches.values():
            branch.upstream = [other for other in branch.upstream if other != name]

    def end(self) -> None:
        """Open a commit on all that is downstream of what moved, inputs first."""
        news = self._moved | self._owed
        left = self._owed | {name for name in self.branches if self.above(name) & news}
        while left:
            name = next(it for it in sorted(left) if not self.above(it) & left)
            left.remove(name)
            branch = self.branches[name]
            if name in self._owed or branch.head is None or branch.head.number != self._number:
                self._open(branch, branch.head, user=False)

    def above(self, name: str) -> set[str]:
        """All branches that this one comes from."""
        direct = self.branches[name].upstream if name in self.branches else []
        return set(direct).union(*(self.above(other) for other in direct))

    def users(self, name: str) -> list[str]:
        return [branch.name for branch in self.branches.values() if name in branch.upstream]

    def may_read(self, name: str, upstream: list[str]) -> bool:
        """Whether a branch may read these: not its own repo, no cycle, one branch of a repo in the DAG."""
        repo = name.partition("@")[0]
        if any(other.partition("@")[0] == repo or name in self.above(other) for other in upstream):
            return False
        near = {branch.name: set(branch.upstream) for branch in self.branches.values()}
        near[name] = set(upstream)
        connected, grew = {name}, True
        while grew:
            wider = connected.union(*(near.get(it, set()) for it in connected))
            wider |= {it for it, edges in near.items() if edges & connected}
            grew, connected = wider != connected, wider
        repos = [it.partition("@")[0] for it in connected]
        return len(repos) == len(set(repos))

    def _open(self, branch: MBranch, parent: MCommit | None, user: bool) -> MCommit:
        inputs = {name: head for name in branch.upstream if (head := self.branches[name].head)}
        commit = MCommit(branch.repo, self._number, parent, {} if user else inputs, user)
        self.commits.append(commit)
        branch.head = commit
        self._moved.add(branch.name)
        return commit
