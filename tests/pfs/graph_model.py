"""The commit graph again, as simple as can be: what the real one must agree with, refusals included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


class Refused(Exception):
    """The real graph must raise an error here, and change nothing."""


@dataclass(eq=False)
class MCommit:
    """`written` is None until something was written; `inputs` by the branch that each stands for."""

    repo: str
    number: int
    order: int
    parent: MCommit | None
    inputs: dict[str, MCommit]
    user: bool
    branch: MBranch | None
    written: frozenset[str] | None = None
    finished: bool = False
    error: str = ""

    def line(self) -> Iterator[MCommit]:
        commit: MCommit | None = self
        while commit is not None:
            yield commit
            commit = commit.parent

    def base(self) -> MCommit | None:
        """The nearest ancestor without error, finished or not."""
        return next((it for it in self.line() if it is not self and not it.error), None)

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
    """`follows` is the branch of a trigger, and how many commits it takes."""

    name: str
    upstream: list[str] = field(default_factory=list)
    never: frozenset[str] = frozenset()
    head: MCommit | None = None
    follows: tuple[str, int] | None = None

    @property
    def repo(self) -> str:
        return self.name.partition("@")[0]


Kept = tuple[dict[MBranch, tuple[object, ...]], dict[MCommit, tuple[object, ...]]]


class GraphModel:
    """Branches by name (`repo@branch`) and all commits; `begin`, changes, `end` are a transaction."""

    def __init__(self) -> None:
        self.branches: dict[str, MBranch] = {}
        self.commits: list[MCommit] = []
        self.number = 0
        self.order = 0
        self._moved: set[str] = set()
        self._owed: set[str] = set()
        self._rewired: set[str] = set()
        self._good: list[MCommit] = []

    def keep(self) -> Kept:
        """What `restore` takes to undo all changes since."""
        branches: dict[MBranch, tuple[object, ...]] = {
            it: (it.upstream, it.never, it.head, it.follows) for it in self.branches.values()
        }
        return branches, {
            it: (it.parent, it.branch, it.written, it.finished, it.error) for it in self.commits
        }

    def restore(self, kept: Kept) -> None:
        branches, commits = kept
        self.branches, self.commits = {it.name: it for it in branches}, list(commits)
        for branch, values in branches.items():
            branch.upstream, branch.never, branch.head, branch.follows = values  # type: ignore[assignment] # as kept
        for commit, old in commits.items():
            commit.parent, commit.branch, commit.written, commit.finished, commit.error = old  # type: ignore[assignment] # as kept

    def begin(self) -> None:
        self.number += 1
        self._moved, self._owed, self._rewired, self._good = set(), set(), set(), []

    def start(self, name: str) -> None:
        branch = self.branches.setdefault(name, MBranch(name))
        if branch.upstream or (branch.head and not branch.head.finished):
            raise Refused
        self._open(branch, user=True)

    def create(
        self,
        name: str,
        upstream: list[str],
        head: MCommit | None = None,
        never: frozenset[str] = frozenset(),
        follows: tuple[str, int] | None = None,
    ) -> None:
        repos = [other.partition("@")[0] for other in upstream]
        if (follows and upstream) or len(repos) != len(set(repos)) or not never <= set(upstream):
            raise Refused
        branch = self.branches.setdefault(name, MBranch(name))
        if follows:
            self._check_follows(name, follows)
        branch.follows = follows
        self._check_edges(branch, upstream)
        changed = upstream != branch.upstream
        branch.upstream, branch.never = list(upstream), never
        if changed:
            self._rewired.add(name)
        if head is not None:
            self.check_there(head)
            branch.head = head
            self._moved.add(name)
        if upstream and (changed or branch.head is None):
            self._owed.add(name)
        elif not upstream:
            self._owed.discard(name)
            if branch.head is None:
                self._open_empty(branch)

    def _check_edges(self, branch: MBranch, upstream: list[str]) -> None:
        """Make what is missing upstream; nothing comes from its own repo or from itself."""
        for other in upstream:
            if other.partition("@")[0] == branch.repo:
                raise Refused
            if other not in self.branches:
                self.create(other, [])
            if branch.name in self.above(other) | {other}:
                raise Refused

    def check_there(self, commit: MCommit) -> None:
        if commit not in self.commits:
            raise Refused

    def finish(self, commit: MCommit, error: str = "") -> None:
        self.check_there(commit)
        files = commit.files()
        if commit.finished or (files is None and not error):
            raise Refused
        commit.finished, commit.error = True, error
        commit.written = files
        if not error:
            self._good.append(commit)

    def delete(self, name: str, force: bool) -> None:
        branch = self.branches.get(name)
        if branch is None:
            raise Refused
        if not force and (self.users(name) or branch.follows or self.followers(name)):
            raise Refused
        for follower in self.followers(name):
            follower.follows = None
        del self.branches[name]
        for other in self.branches.values():
            other.upstream = [it for it in other.upstream if it != name]
            other.never -= {name}
        for commit in self.commits:
            if commit.branch is branch:
                commit.branch = None
        for pending in (self._moved, self._owed, self._rewired):
            pending.discard(name)

    def squash(self, commit: MCommit, recursive: bool) -> None:
        self._remove(self._with_subvenance(commit, recursive), self._check_squash)

    def drop(self, commit: MCommit, recursive: bool) -> None:
        self._remove(self._with_subvenance(commit, recursive), self._check_drop)

    def squash_set(self, number: int) -> None:
        self._remove(self._of_set(number), self._check_squash)

    def drop_set(self, number: int) -> None:
        self._remove(self._of_set(number), self._check_drop)

    def end(self) -> bool:
        """Open what is downstream of what moved, fire triggers, and open again; whether any fired."""
        self._flow()
        fired = [
            pair for commit in sorted(self._good, key=lambda it: it.order) for pair in self._fired(commit)
        ]
        if fired:
            self.begin()
            for branch, commit in fired:
                branch.head = commit
                self._moved.add(branch.name)
            self._flow()
        return bool(fired)

    def above(self, name: str) -> set[str]:
        """All branches that this one comes from."""
        direct = self.branches[name].upstream if name in self.branches else []
        return set(direct).union(*(self.above(other) for other in direct))

    def flows_from(self, name: str) -> set[str]:
        """All branches whose new heads flow down to this one."""
        branch = self.branches[name]
        direct = set(branch.upstream) - branch.never
        return direct.union(*(self.flows_from(other) for other in direct))

    def users(self, name: str) -> list[str]:
        return [branch.name for branch in self.branches.values() if name in branch.upstream]

    def followers(self, name: str) -> list[MBranch]:
        repo, _, short = name.partition("@")
        return [
            it for it in self.branches.values() if it.repo == repo and it.follows and it.follows[0] == short
        ]

    def children(self, commit: MCommit) -> list[MCommit]:
        return [it for it in self.commits if it.parent is commit]

    def _check_follows(self, name: str, follows: tuple[str, int]) -> None:
        repo, _, short = name.partition("@")
        seen = {short}
        following: tuple[str, int] | None = follows
        while following:
            if following[0] in seen or f"{repo}@{following[0]}" not in self.branches:
                raise Refused
            seen.add(following[0])
            following = self.branches[f"{repo}@{following[0]}"].follows

    def _flow(self) -> None:
        for name in self._rewired:
            self._check_one_branch_a_repo(name)
        news = self._moved | self._owed
        left = self._owed | {name for name in self.branches if self.flows_from(name) & news}
        while left:
            name = next(it for it in sorted(left) if not self.above(it) & left)
            left.remove(name)
            branch = self.branches[name]
            if name in self._owed or branch.head is None or branch.head.number != self.number:
                self._open(branch, user=False)

    def _check_one_branch_a_repo(self, name: str) -> None:
        connected, grew = {name}, True
        while grew:
            wider = connected.union(*(self.branches[it].upstream for it in connected))
            wider |= {it.name for it in self.branches.values() if set(it.upstream) & connected}
            grew, connected = wider != connected, wider
        repos = [it.partition("@")[0] for it in connected]
        if len(repos) != len(set(repos)):
            raise Refused

    def _fired(self, commit: MCommit) -> list[tuple[MBranch, MCommit]]:
        fired = []
        names = [commit.branch.name] if commit.branch else []
        while names:
            waiting = [it for name in names for it in self.followers(name)]
            names = []
            for branch in waiting:
                if self._fires(branch, commit):
                    fired.append((branch, commit))
                    names.append(branch.name)
        return fired

    def _fires(self, branch: MBranch, commit: MCommit) -> bool:
        if branch.follows is None or (branch.head and commit.order <= branch.head.order):
            return False
        count = 0
        for it in commit.line():
            if (it.parent is None and not it.user) or it is branch.head:
                break
            count += 1
        return count >= branch.follows[1]

    def _of_set(self, number: int) -> list[MCommit]:
        own = [it for it in self.commits if it.number == number]
        if not own or any(it.number != number for it in self._subvenance(own)):
            raise Refused
        return own

    def _with_subvenance(self, commit: MCommit, recursive: bool) -> list[MCommit]:
        self.check_there(commit)
        every = self._subvenance([commit])
        if len(every) > 1 and not recursive:
            raise Refused
        return every

    def _subvenance(self, commits: list[MCommit]) -> list[MCommit]:
        every = list(commits)
        for it in self.commits:  # what comes from another commit is younger
            if it not in every and any(source in every for source in it.inputs.values()):
                every.append(it)
        return every

    def _remove(self, doomed: list[MCommit], check: object) -> None:
        for commit in doomed:
            check(commit, doomed)  # type: ignore[operator] # one of the two below
        for commit in self.commits:
            if commit not in doomed:
                commit.parent = self._survivor(commit.parent, doomed)
        self.commits = [it for it in self.commits if it not in doomed]
        self._good = [it for it in self._good if it not in doomed]
        bare = []
        for branch in self.branches.values():
            if branch.head in doomed:
                branch.head = self._survivor(branch.head, doomed)
                bare += [branch] if branch.head is None else []
        self._begin_anew(bare)

    def _begin_anew(self, bare: list[MBranch]) -> None:
        first: dict[str, MBranch] = {}
        for branch in bare:
            other = first.setdefault(branch.repo, branch)
            if other is not branch and (branch.upstream or other.name in self._owed):
                raise Refused
            if branch.upstream:
                self._owed.add(branch.name)
            elif other is branch:
                self._open_empty(branch)
            else:
                branch.head = other.head
                self._moved.add(branch.name)

    @staticmethod
    def _survivor(commit: MCommit | None, doomed: list[MCommit]) -> MCommit | None:
        while commit is not None and commit in doomed:
            commit = commit.parent
        return commit

    def _check_drop(self, commit: MCommit, doomed: list[MCommit]) -> None:
        if any(it not in doomed for it in self.children(commit)):
            raise Refused

    def _check_squash(self, commit: MCommit, doomed: list[MCommit]) -> None:
        """Every line of children must come to a good finished commit that stays, by way of finished ones."""
        children = self.children(commit)
        if not children or any(not it.finished and it not in doomed for it in children):
            raise Refused
        todo = [] if commit.error else [commit]
        while todo:
            children = self.children(todo.pop())
            if not children or any(not it.finished and it not in doomed for it in children):
                raise Refused
            todo += [it for it in children if it in doomed or it.error]

    def _open(self, branch: MBranch, user: bool) -> MCommit:
        if any(it.repo == branch.repo and it.number == self.number for it in self.commits):
            raise Refused
        inputs = {name: head for name in branch.upstream if (head := self.branches[name].head)}
        self.order += 1
        parent = branch.head
        commit = MCommit(branch.repo, self.number, self.order, parent, {} if user else inputs, user, branch)
        self.commits.append(commit)
        branch.head = commit
        self._moved.add(branch.name)
        return commit

    def _open_empty(self, branch: MBranch) -> None:
        first = self._open(branch, user=False)
        first.finished, first.written = True, frozenset()
