"""How inputs are combined into datums: cross, union, join and group.

Orders are part of the contract, since they are part of identity and of what users see: a cross has its
first member outermost; keys of joins and groups come in the order in which they were first met, member by
member, each in path order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, product
from typing import TypeVar

from calf.model.errors import InvalidArgument
from calf.model.refs import Branch
from calf.model.spec import CronInput, Cross, Group, Input, Join, PfsInput, Union
from calf.pps.datums.leaves import Match, Matches, Source, leaf_matches

T = TypeVar("T")

MOST = 1_000_000
"""Datums that can be kept in memory at once."""


def bounded(datums: Iterable[T]) -> Iterator[T]:
    """The same, for whoever keeps them all. Raises `InvalidArgument` when there are too many for that."""
    for number, datum in enumerate(datums, start=1):
        check_number(number)
        yield datum


def check_number(number: int) -> None:
    """Raises `InvalidArgument` when an input has more datums than a job may have."""
    if number > MOST:
        raise InvalidArgument(
            f"the input has more than {MOST} datums",
            "narrow its globs; a join pairs files by their names, where a cross pairs each with each",
        )


def combine(node: Input, sources: Mapping[Branch, Source]) -> Iterator[Matches]:
    """The datums of an input, one after another."""
    match node:
        case PfsInput():
            return leaf_matches(node, sources[node.source])
        case CronInput():
            return leaf_matches(node.files, sources[node.files.source])
        case Union(members):
            return chain.from_iterable(combine(member, sources) for member in members)
        case Cross(members):
            return _cross([combine(member, sources) for member in members])
        case Join(members):
            return _join([combine(member, sources) for member in members])
        case Group(members):
            return _group([combine(member, sources) for member in members])


def _cross(members: list[Iterator[Matches]]) -> Iterator[Matches]:
    """Every combination. Only the first member is not kept in memory."""
    first, others = members[0], [list(bounded(member)) for member in members[1:]]
    for outer in first:
        for inner in product(*others):
            yield tuple(chain(outer, *inner))


def _join(members: list[Iterator[Matches]]) -> Iterator[Matches]:
    """For every key the combinations of one file a member; without a partner, of the outer members alone."""
    for found in _by_key(members, lambda match: match.part.join_on):
        if not all(found):
            found = [files for files in found if files and files[0].outer]
        if found:
            yield from product(*found)


def _group(members: list[Iterator[Matches]]) -> Iterator[Matches]:
    """For every key all files that have it, member by member."""
    for found in _by_key(members, lambda match: match.part.group_by):
        yield tuple(chain.from_iterable(found))


def _by_key(members: list[Iterator[Matches]], key_of: Callable[[Match], str]) -> Iterable[list[list[Match]]]:
    """For every key, in order of appearance, the files of each member that have it, one by one."""
    found: dict[str, list[list[Match]]] = {}
    for place, member in enumerate(members):
        for match in bounded(chain.from_iterable(member)):
            found.setdefault(key_of(match), [[] for _ in members])[place].append(match)
    return found.values()
