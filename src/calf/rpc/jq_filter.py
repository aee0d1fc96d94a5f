"""`jqFilter`: a jq program that says which records a client wants.

It sees a record as `--raw` prints it (snake_case keys, names of enums) and lets it through unless what it
gives first is nothing, null or false. Programs that only ask for states, which is what `pachctl` sends, are
understood here, so that the rows can be picked by an index.

A program runs inside this server, so it may not read files or the environment, nor loop without an end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import Generic, TypeVar

from calf.model.errors import InvalidArgument
from calf.wire.documents import to_document
from calf.wire.messages import Message

State = TypeVar("State", bound=IntEnum)

_ONE = re.compile(r'\.state\s*==\s*"([A-Z]+)_([A-Z]+)"')
_SELECT = re.compile(r"\s*select\s*\((.*)\)\s*", re.DOTALL)
_REFUSED = re.compile(
    r"(?<![.\w])(\$?env|\$ENV|\$__prog_args|import|include|inputs?|input_\w+|debug|stderr|get_search_list"
    r"|modulemeta|def|repeat|while|until|range|label|combinations|recurse(?=\s*\())\b"
)


@dataclass(frozen=True, slots=True)
class JqFilter(Generic[State]):
    """Records in one of `states` (none: in any) for which `accepts` holds (None: it always does)."""

    states: frozenset[State]
    accepts: Callable[[Message], bool] | None = None

    def limit(self, number: int) -> int:
        """How many rows to ask for, when `number` records are wanted (0: all)."""
        return 0 if self.accepts else number

    def pick(self, records: Iterable[Message], number: int) -> Iterator[Message]:
        """The first `number` records (0: all) that come through."""
        wanted = filter(self.accepts, records) if self.accepts else records
        return islice(wanted, number or None)

    def pick_any(
        self, groups: Iterable[Message], number: int, members: Callable[[Message], Iterable[Message]]
    ) -> Iterator[Message]:
        """The first `number` groups (0: all) with a member that comes through."""
        accepts = self.accepts
        wanted = (it for it in groups if any(map(accepts, members(it)))) if accepts else groups
        return islice(wanted, number or None)


def read_filter(program: str, prefix: str, kind: type[State]) -> JqFilter[State]:
    """The filter of a program; the empty one lets everything through.

    `prefix` and `kind` tell the names of states, `JOB_` and so on. Raises `InvalidArgument` for a program
    that is not jq, or that asks for more than a filter needs.
    """
    if not program.strip():
        return JqFilter(frozenset())
    states = _states(program, prefix, kind)
    if states:
        return JqFilter(states)
    return JqFilter(frozenset(), _compile(program))


def _states(program: str, prefix: str, kind: type[State]) -> frozenset[State]:
    """The states of `.state == "JOB_X"`, several joined by `or`, also in a `select`; else none."""
    inside = _SELECT.fullmatch(program)
    parts = (inside[1] if inside else program).split(" or ")
    found = [_ONE.fullmatch(part.strip(" ()\n")) for part in parts]
    names = [match[2] for match in found if match and match[1] == prefix]
    if len(names) != len(found) or any(name not in kind.__members__ for name in names):
        return frozenset()
    return frozenset(kind[name] for name in names)


def _compile(program: str) -> Callable[[Message], bool]:
    import jq  # type: ignore[import-not-found]  # it comes without types

    if refused := _REFUSED.search(_without_texts(program)):
        raise InvalidArgument(f"the jq filter may not use {refused[1]}", "a filter looks at one record only")
    try:
        compiled = jq.compile(program)
    except ValueError as error:
        raise InvalidArgument(f"error parsing jq filter: {error}") from None

    def accepts(record: Message) -> bool:
        try:
            first = next(iter(compiled.input_value(to_document(record))), None)
        except ValueError as error:
            raise InvalidArgument(f"error running jq filter: {error}") from None
        return first is not None and first is not False

    return accepts


def _without_texts(program: str) -> str:
    """A program without its plain string literals; those with programs inside them stay."""
    return re.sub(r'"(?:[^"\\]|\\[^(])*"', '""', program)
