"""What a pipeline reads: a tree of inputs, whose leaves are repos (`pfs`) and clocks (`cron`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from calf.kit.fieldpath import child
from calf.model.pfs_infos import Trigger
from calf.model.refs import USER, Branch, Repo

CRON_BRANCH = "master"
"""Where the ticks of a clock are committed."""


@dataclass(frozen=True, slots=True)
class PropagationSpec:
    """With `never` the input is read, but new commits on it start no job."""

    never: bool = False


@dataclass(frozen=True, slots=True)
class PfsInput:
    """Files of a branch: every match of `glob` becomes (part of) a datum.

    `join_on` and `group_by` are templates (`$1$2`) over the groups of the glob.
    """

    name: str = ""
    repo: str = ""
    branch: str = ""
    commit: str = ""
    glob: str = ""
    join_on: str = ""
    outer_join: bool = False
    group_by: str = ""
    lazy: bool = False
    empty_files: bool = False
    s3: bool = False
    trigger: Trigger | None = None
    repo_type: str = ""
    project: str = ""
    propagation_spec: PropagationSpec | None = None
    reference: bool = False

    @property
    def source(self) -> Branch:
        """The branch that is read; complete once defaults are filled in."""
        return Branch(Repo(self.project, self.repo, self.repo_type), self.branch)


@dataclass(frozen=True, slots=True)
class CronInput:
    """A commit at every tick of a clock; `start` as RFC 3339.

    Ticks are empty files, named after their times, in a repo that belongs to the pipeline.
    """

    name: str = ""
    repo: str = ""
    commit: str = ""
    spec: str = ""
    overwrite: bool = False
    start: str = ""
    project: str = ""

    @property
    def files(self) -> PfsInput:
        """The ticks as a stage reads them, each a datum; complete once defaults are filled in."""
        return PfsInput(
            name=self.name,
            project=self.project,
            repo=self.repo,
            repo_type=USER,
            branch=CRON_BRANCH,
            glob="/*",
        )


@dataclass(frozen=True, slots=True)
class Cross:
    """Every combination of the members' datums, the first member outermost."""

    members: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """The datums of one member after those of another."""

    members: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Combinations of files that have the same key."""

    members: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One datum a key, with all files that have it."""

    members: tuple[Input, ...]


Leaf = PfsInput | CronInput
Combinator = Cross | Union | Join | Group
Input = Leaf | Combinator

COMBINATORS: dict[str, type[Combinator]] = {"join": Join, "group": Group, "cross": Cross, "union": Union}
"""The combinators by the key that documents use."""


def key_of(node: Combinator) -> str:
    """The key of a combinator in documents."""
    return next(key for key, kind in COMBINATORS.items() if type(node) is kind)


def placed_leaves(node: Input, path: str = "input") -> Iterator[tuple[str, Leaf]]:
    """The leaves with their field paths, in the order of the document."""
    if isinstance(node, PfsInput | CronInput):
        yield child(path, "pfs" if isinstance(node, PfsInput) else "cron"), node
    else:
        for place, member in enumerate(node.members):
            yield from placed_leaves(member, child(child(path, key_of(node)), place))


def leaves(node: Input) -> Iterator[Leaf]:
    """The leaves, in the order of the document."""
    return (leaf for _, leaf in placed_leaves(node))


def sources(node: Input | None) -> tuple[PfsInput, ...]:
    """What is read of repos, in order: the pfs leaves, and the ticks of clocks."""
    found = leaves(node) if node else ()
    return tuple(leaf.files if isinstance(leaf, CronInput) else leaf for leaf in found)


def clocks(node: Input | None) -> tuple[CronInput, ...]:
    """The cron leaves, in order."""
    return tuple(leaf for leaf in leaves(node) if isinstance(leaf, CronInput)) if node else ()


def changed_leaves(node: Input, change: Callable[[Leaf], Leaf]) -> Input:
    """The same tree with every leaf, in order, as `change` gives it."""
    if isinstance(node, PfsInput | CronInput):
        return change(node)
    return replace(node, members=tuple(changed_leaves(member, change) for member in node.members))
