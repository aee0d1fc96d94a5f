"""`jqFilter`: a jq program that says which records a client wants.

It sees a record as `--raw` prints it (snake_case keys, names of enums) and lets it through unless what it
gives first is nothing, null or false. Programs that only ask for states, which is what `pachctl` sends, are
understood here, so that the rows can be picked by an index.

Any other program runs beside this server, with bounds: see `runner.strangers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import Generic, TypeVar

from calf.model.errors import InvalidArgument
from calf.runner.strangers import Language, Refusal, engage
from calf.wire.documents import to_document
from calf.wire.messages import Message

State = TypeVar("State", bound=IntEnum)

_ONE = re.compile(r'\.state\s*==\s*"([A-Z]+)_([A-Z]+)"')
_SELECT = re.compile(r"\s*select\s*\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class JqFilter(Generic[State]):
    """Records in one of `states` (none: in any) that `program` lets through (empty: all of them)."""

    states: frozenset[State]
    program: str = ""

    def limit(self, number: int) -> int:
        """How many rows to ask for, when `number` records are wanted (0: all)."""
        return 0 if self.program else number

    def pick(self, records: Iterable[Message], number: int) -> Iterator[Message]:
        """The first `number` records (0: all) that come through. Raises `InvalidArgument`."""
        with _running(self.program) as accepts:
            yield from islice(filter(accepts, records), number or None)

    def pick_any(
        self, groups: Iterable[Message], number: int, members: Callable[[Message], Iterable[Message]]
    ) -> Iterator[Message]:
        """The first `number` groups (0: all) with a member that comes through."""
        with _running(self.program) as accepts:
            yield from islice((it for it in groups if any(map(accepts, members(it)))), number or None)


def read_filter(program: str, prefix: str, kind: type[State]) -> JqFilter[State]:
    """The filter of a program; the empty one lets everything through.

    `prefix` and `kind` tell the names of states, `JOB_` and so on.
    """
    if not program.strip():
        return JqFilter(frozenset())
    states = _states(program, prefix, kind)
    return JqFilter(states, "" if states else program)


def _states(program: str, prefix: str, kind: type[State]) -> frozenset[State]:
    """The states of `.state == "JOB_X"`, several joined by `or`, also in a `select`; else none."""
    inside = _SELECT.fullmatch(program)
    parts = (inside[1] if inside else program).split(" or ")
    found = [_ONE.fullmatch(part.strip(" ()\n")) for part in parts]
    names = [match[2] for match in found if match and match[1] == prefix]
    if len(names) != len(found) or any(name not in kind.__members__ for name in names):
        return frozenset()
    return frozenset(kind[name] for name in names)


@contextmanager
def _running(program: str) -> Iterator[Callable[[Message], bool]]:
    if not program:
        yield lambda _record: True
        return
    with _named("error parsing jq filter"), engage(Language.JQ, program) as ask:

        def accepts(record: Message) -> bool:
            with _named("error running jq filter"):
                return bool(ask(to_document(record)))

        yield accepts


@contextmanager
def _named(what: str) -> Iterator[None]:
    try:
        yield
    except Refusal as error:
        raise InvalidArgument(f"{what}: {error}") from None
