"""Metadata: a few words that users attach to projects, repos, branches, commits, pipelines, the cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calf.db import metadata, pipelines
from calf.db.metadata import Kind
from calf.db.tx import Tx
from calf.model.errors import AlreadyExists, CalfError, InvalidArgument
from calf.model.not_found import pipeline_not_found
from calf.model.refs import Branch, CommitRef, Pipeline, Repo
from calf.pfs import projects
from calf.pfs.commits.resolving import find
from calf.pfs.rows import branch_row, repo_row
from calf.pfs.transaction import Txn


@dataclass(frozen=True, slots=True)
class Project:
    """A project as the target of an edit."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Cluster:
    """This server as the target of an edit."""

    def __str__(self) -> str:
        return ""


Target = Project | Repo | Branch | CommitRef | Pipeline | Cluster


@dataclass(frozen=True, slots=True)
class Replace:
    """Have these pairs and no others."""

    pairs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AddKey:
    """Add a pair, whose key must not be there yet."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class EditKey:
    """Set a pair, whether its key is there or not."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class DeleteKey:
    """Remove a pair; none of that key: nothing happens."""

    key: str


Change = Replace | AddKey | EditKey | DeleteKey


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one thing's metadata."""

    target: Target
    change: Change


MOST = 256 << 10
"""Characters of all keys and values of one thing; they come along with every record of it."""


def edit(txn: Txn, edits: Sequence[Edit]) -> None:
    """Make all changes, in order, or none: the error of the first that cannot be made names its place.

    Raises `NotFound` for a target, `AlreadyExists` for a key to add, `InvalidArgument` for an empty key and
    for more than metadata is meant for.
    """
    edited: dict[tuple[Kind, int | str], dict[str, str]] = {}
    for number, each in enumerate(edits, 1):
        try:
            kind, owner = _locate(txn.tx, each.target)
            before = edited.get((kind, owner))
            pairs = metadata.get(txn.tx, kind, owner) if before is None else before
            edited[kind, owner] = _changed(pairs, each.change)
        except CalfError as error:
            where = f"edit {number} of {len(edits)}: " if len(edits) > 1 else ""
            raise type(error)(f"{where}{error.message}", error.hint, error.field) from error
        txn.record("metadata-changed", f"{kind} {each.target}".rstrip())
    for (kind, owner), pairs in edited.items():
        _check_size(kind, pairs)
        metadata.put(txn.tx, kind, owner, pairs)


def _locate(tx: Tx, target: Target) -> tuple[Kind, int | str]:
    match target:
        case Project(name):
            return "project", projects.inspect(tx, name).name
        case Repo():
            return "repo", repo_row(tx, target).id
        case Branch():
            return "branch", branch_row(tx, target).id
        case CommitRef():
            return "commit", find(tx, target).id
        case Pipeline():
            number = pipelines.row_id(tx, target)
            if number is None:
                raise pipeline_not_found(target)
            return "pipeline", number
        case Cluster():
            return "cluster", ""


def _changed(pairs: dict[str, str], change: Change) -> dict[str, str]:
    match change:
        case Replace(replacement):
            pairs = dict(replacement)
        case AddKey(key, value):
            if key in pairs:
                raise AlreadyExists(f'key "{key}" already exists', "edit_key changes it")
            pairs[key] = value
        case EditKey(key, value):
            pairs[key] = value
        case DeleteKey(key):
            _refuse_empty([key])
            pairs.pop(key, None)
    _refuse_empty(pairs)
    return pairs


def _check_size(kind: Kind, pairs: Mapping[str, str]) -> None:
    size = sum(len(key) + len(value) for key, value in pairs.items())
    if size > MOST:
        raise InvalidArgument(
            f"the metadata of a {kind} may have {MOST} characters, not {size}", "put large things into files"
        )


def _refuse_empty(keys: Sequence[str] | Mapping[str, str]) -> None:
    if "" in keys:
        raise InvalidArgument("a metadata key may not be empty")
