"""From what users type to a commit: ids, branches, ancestry, and commits as another set saw them."""

from __future__ import annotations

from itertools import islice

from calf.db import commits, provenance
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model import ancestry
from calf.model.ancestry import Ancestry
from calf.model.errors import InvalidArgument
from calf.model.names import is_id
from calf.model.not_found import commit_not_found
from calf.model.refs import Branch, Commit, CommitRef
from calf.pfs.rows import branch_row, repo_row


def resolve(tx: Tx, ref: CommitRef) -> Commit:
    """The commit that `ref` points at now.

    An id that the repo lacks, but that is a commit set elsewhere, means the repo's commit as that set saw it.
    Raises `NotFound` (branch or commit), `InvalidArgument` for bad ancestry or too many steps.
    """
    return find(tx, ref).commit


def find(tx: Tx, ref: CommitRef | Commit) -> CommitRow:
    """The row that a reference points at; a `Commit` is taken as it stands. Raises like `resolve`."""
    if isinstance(ref, Commit):
        row = commits.get(tx, ref)
        if row is None:
            raise commit_not_found(ref)
        return row
    parsed = ancestry.parse(ref.text)
    start = _by_id(tx, ref, parsed.base) if is_id(parsed.base) else _by_branch(tx, ref, parsed.base)
    if parsed.from_root is not None:
        return _from_root(tx, start, parsed.from_root)
    return _back(tx, ref, start, parsed)


def _by_branch(tx: Tx, ref: CommitRef, name: str) -> CommitRow:
    if not name:
        raise InvalidArgument(
            f"no commit or branch given for repo {ref.repo}", "write repo@branch or repo@id"
        )
    row = branch_row(tx, Branch(ref.repo, name))
    if row.head is None:
        raise commit_not_found(ref)
    return commits.by_id(tx, row.head)


def _by_id(tx: Tx, ref: CommitRef, set_id: str) -> CommitRow:
    """The repo's commit of this set, or else the one that is nearest to the set's own in their provenance."""
    own = commits.get(tx, Commit(ref.repo, set_id))
    if own is not None:
        return own
    repo = repo_row(tx, ref.repo)
    level = {row.id for row in commits.of_set(tx, set_id)}
    seen = set(level)
    while level:
        level = {edge.upstream for number in level for edge in provenance.upstream(tx, number)} - seen
        seen |= level
        found = [row for row in commits.by_ids(tx, sorted(level)) if row.repo_id == repo.id]
        if found:
            return found[-1]
    raise commit_not_found(ref)


def _back(tx: Tx, ref: CommitRef, start: CommitRow, parsed: Ancestry) -> CommitRow:
    line = list(islice(commits.line(tx, start.id), parsed.back + 1))
    if len(line) <= parsed.back:
        raise InvalidArgument(
            f"invalid offset for ancestor of commit: {ref.repo}@{parsed.base},"
            f" offset requested: {parsed.back}, offset traversable: {len(line) - 1}"
        )
    return line[-1]


def _from_root(tx: Tx, head: CommitRow, number: int) -> CommitRow:
    line = list(commits.line(tx, head.id))
    if number > len(line):
        raise InvalidArgument(
            f"invalid offset from branch root for head commit: {head.commit},"
            f" offset: {number}, maximum depth: {len(line)}"
        )
    return line[-number]
