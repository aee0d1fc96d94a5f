"""Which datums of an input differ between two states of what it reads, found without listing the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from calf.model.glob import compile_glob
from calf.model.pps_infos import DatumInput
from calf.model.refs import Branch, Commit
from calf.model.spec import CronInput, Input, PfsInput, Union, sources
from calf.pps.datums.leaves import part_maker
from calf.storage import trees
from calf.storage.contents import Get

Inputs = tuple[DatumInput, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """A branch's commits before and now, each with the root of its tree."""

    old: tuple[Commit, bytes | None]
    new: tuple[Commit, bytes | None]


def changed_datums(
    get: Get, node: Input, sides: Mapping[Branch, Sides]
) -> Iterable[tuple[Inputs | None, Inputs | None]] | None:
    """The datums (old, new) that are not the same on both sides, in the order of enumeration.

    None when that needs the list: something changed that a cross, join or group combines with other things.
    Costs what changed.
    """
    match node:
        case PfsInput():
            return _of_leaf(get, node, sides[node.source])
        case CronInput():
            return _of_leaf(get, node.files, sides[node.files.source])
        case Union(members):
            each = [changed_datums(get, member, sides) for member in members]
            return None if any(it is None for it in each) else [pair for it in each for pair in it or ()]
    for leaf in sources(node):
        if next(_of_leaf(get, leaf, sides[leaf.source]), None) is not None:
            return None
    return ()


def _of_leaf(get: Get, leaf: PfsInput, sides: Sides) -> Iterator[tuple[Inputs | None, Inputs | None]]:
    (old_commit, old_root), (new_commit, new_root) = sides.old, sides.new
    glob = compile_glob(leaf.glob)
    before, now = part_maker(leaf, old_commit), part_maker(leaf, new_commit)
    for old, new in trees.diff(get, old_root, new_root, enter=glob.may_match_below):
        path = old.path if old else new.path if new else ""
        if glob.matches(path):
            yield (before(old),) if old else None, (now(new),) if new else None
