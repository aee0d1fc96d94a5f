"""The files that one input contributes, and what combinators need to know of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from calf.model.content import Node
from calf.model.glob import compile_glob, expand
from calf.model.pps_infos import DatumInput
from calf.model.refs import Commit
from calf.model.spec import PfsInput
from calf.storage import trees
from calf.storage.contents import Get


@dataclass(frozen=True, slots=True)
class Match:
    """A file or directory of a datum; `outer` is whether a join keeps it without a partner."""

    part: DatumInput
    outer: bool


Matches = tuple[Match, ...]
"""What makes up one datum."""


@dataclass(frozen=True, slots=True)
class Source:
    """What an input reads: a commit and the root of its tree, which is read by `get`."""

    commit: Commit
    root: bytes | None
    get: Get


def leaf_matches(leaf: PfsInput, source: Source) -> Iterator[Matches]:
    """A datum for each match of the glob, in path order."""
    part_of = part_maker(leaf, source.commit)
    for node in trees.matching(source.get, source.root, compile_glob(leaf.glob)):
        yield (Match(part_of(node), leaf.outer_join),)


def part_maker(leaf: PfsInput, commit: Commit) -> Callable[[Node], DatumInput]:
    """What makes a match of the leaf's glob in a commit into a part of a datum; expands templates of keys."""
    glob, branch = compile_glob(leaf.glob), leaf.source
    keyed = bool(leaf.join_on or leaf.group_by)

    def part_of(node: Node) -> DatumInput:
        captures = (glob.match(node.path) if keyed else None) or ()
        return DatumInput(
            name=leaf.name,
            repo=branch.repo,
            branch=branch.name,
            commit=commit,
            path=node.path,
            hash=node.hash,
            size=node.size,
            join_on=expand(leaf.join_on, captures) if keyed else "",
            group_by=expand(leaf.group_by, captures) if keyed else "",
            lazy=leaf.lazy,
            empty_files=leaf.empty_files,
            reference=leaf.reference,
        )

    return part_of
