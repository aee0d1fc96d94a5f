"""The graph of branches: closures, and what it must never contain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from calf.db import branches
from calf.db.branches import BranchRow
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument
from calf.model.refs import Branch, Repo


def check_edge(tx: Tx, row: BranchRow, upstream: BranchRow) -> None:
    """Refuse an edge that would make a branch depend on its own repo or, through others, on itself."""
    if upstream.repo_id == row.repo_id:
        raise InvalidArgument(
            f"repo {row.branch.repo} cannot be in the provenance of its own branch", "read from another repo"
        )
    if row.id in branches.provenance_ids(tx, upstream.id):
        raise InvalidArgument(
            f"cycle detected because {row.branch} is already in the provenance of {upstream.branch}",
            f"nothing can be made from itself: take {upstream.branch.repo} out of what it reads",
        )


def check_one_branch_a_repo(tx: Tx, branch_ids: Iterable[int]) -> None:
    """Refuse two branches of one repo in the connected DAG around any of these branches."""
    done: set[int] = set()
    for start in sorted(branch_ids):
        if start in done:
            continue
        component = _component(tx, start)
        done |= component
        seen: set[int] = set()
        for row in (branches.by_id(tx, number) for number in sorted(component)):
            if row.repo_id in seen:
                raise _several_branches(row.branch.repo)
            seen.add(row.repo_id)


def check_direct(provenance: Sequence[Branch]) -> None:
    """Refuse two branches of one repo in one direct provenance."""
    for repo, number in Counter(branch.repo for branch in provenance).items():
        if number > 1:
            raise _several_branches(repo)


def check_never(provenance: Sequence[Branch], never: Collection[Branch]) -> None:
    """Refuse to hold back what does not come from a branch of the direct provenance."""
    for branch in never:
        if branch not in provenance:
            raise InvalidArgument(
                f"branch propagation spec must reference provenant branch (referenced branch: {branch})",
                "name a branch of the direct provenance",
            )


def _several_branches(repo: Repo) -> InvalidArgument:
    return InvalidArgument(
        f'multiple branches from the same repo, "{repo}", cannot participate in a DAG',
        "use one branch twice under two input names, or a second repo",
    )


def _component(tx: Tx, start: int) -> set[int]:
    found, todo = {start}, [start]
    while todo:
        number = todo.pop()
        near = {*branches.upstream_ids(tx, number), *branches.downstream_ids(tx, number)} - found
        found |= near
        todo.extend(near)
    return found
