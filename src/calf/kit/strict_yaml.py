"""YAML and JSON from people, read so that nothing is guessed and every value knows where it stands.

What YAML would silently bend is an error here: a key given twice, an anchor or alias (a document of a few
lines can stand for gigabytes), a tag, a number such as `010` that means something else than it says. `yes`,
`no`, `on` and `off` are text, as in YAML 1.2. JSON goes through the same door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from calf.kit.errors import InvalidSpec
from calf.kit.fieldpath import child
from calf.kit.plain_scalars import resolve

MOST_CHARACTERS = 1 << 20
MOST_VALUES = 10_000
"""Of a document; all documents of a file together may have twice as many."""
DEEPEST = 64

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SURROGATES = re.compile(r"(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})+")


class Position(NamedTuple):
    """A place in a file, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its values, and where they stand by field path (`input.pfs.glob`; "" is the document)."""

    name: str
    value: Any
    positions: Mapping[str, Position]

    def where(self, path: str = "") -> str:
        """`file:line:column` of a field, or of the innermost value around it that is there.

        Fields are found in either spelling, snake_case or camelCase.
        """
        plain = {_plain(known): position for known, position in self.positions.items()}
        place = self.positions.get(path)
        while place is None:
            place = plain.get(_plain(path))
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return f"{self.name}:{place.line}:{place.column}"

    def elements(self) -> list[Document]:
        """The items of a document that is a list, as documents of their own; else the document itself."""
        if not isinstance(self.value, list):
            return [self]
        inside: list[dict[str, Position]] = [{} for _ in self.value]
        for path, position in self.positions.items():
            index, closed, rest = path.removeprefix("[").partition("]")
            if closed:
                inside[int(index)][rest.removeprefix(".")] = position
        return [
            Document(self.name, item, positions) for item, positions in zip(self.value, inside, strict=True)
        ]


def load_all(text: str, name: str) -> list[Document]:
    """The documents of a file of YAML or JSON; empty ones are left out.

    `name` stands for the file in errors. Raises `InvalidSpec` with name, line, column and field.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidSpec(f"{name}: longer than {MOST_CHARACTERS} characters", "split the file")
    kind = "JSON" if name.endswith(".json") or text.lstrip().startswith("{") else "YAML"
    try:
        return list(_Reader(_joined_surrogates(text), name).documents())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise InvalidSpec(f"{where}: {error.problem or error.context}", f"this is not valid {kind}") from None
    except yaml.YAMLError as error:
        raise InvalidSpec(f"{name}: {' '.join(str(error).split())}", f"this is not valid {kind}") from None


class _Reader:
    """Builds documents from the events of the parser."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._positions: dict[str, Position] = {}
        self._before = 0

    def documents(self) -> Iterator[Document]:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._before += 1 + len(self._positions)
                self._positions = {}
                value = self._value(next(self._events), "", 0)
                if value is not None:
                    yield Document(self._name, value, self._positions)

    def _value(self, event: Any, path: str, depth: int) -> Any:
        self._check(event, path, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, depth + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth + 1)
        return self._scalar(event, path)

    def _mapping(self, path: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path)
            where = child(path, key)
            if key in values:
                first = self._positions[where].line
                raise self._error(event, path, f'duplicate key "{key}"', f"it is in line {first} already")
            self._remember(event, where)
            values[key] = self._value(next(self._events), where, depth)
        return values

    def _sequence(self, path: str, depth: int) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            where = child(path, len(values))
            self._remember(event, where)
            values.append(self._value(event, where, depth))
        return values

    def _scalar(self, event: Any, path: str) -> Any:
        if event.style:
            return event.value
        try:
            return resolve(event.value)
        except ValueError as error:
            raise self._error(event, path, str(error), f'if it is text, write "{event.value}"') from None

    def _key(self, event: Any, path: str) -> str:
        self._check(event, path, 0)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(event, path, "a key must be plain text")
        if event.value == "<<" and not event.style:
            raise self._error(event, path, "merge keys are not allowed", "write the fields out")
        key = self._scalar(event, path)
        if not isinstance(key, str):
            raise self._error(event, path, f"the key {event.value or 'null'} must be in quotes")
        return key

    def _check(self, event: Any, path: str, depth: int) -> None:
        if path not in self._positions:
            self._remember(event, path)
        if isinstance(event, yaml.AliasEvent):
            raise self._error(event, path, f"the alias *{event.anchor} is not allowed", "write the value out")
        if event.anchor is not None:
            raise self._error(event, path, f"the anchor &{event.anchor} is not allowed", "leave it out")
        if event.tag is not None:
            raise self._error(event, path, f"the tag {event.tag} is not allowed", "leave it out")
        if depth > DEEPEST:
            raise self._error(event, path, f"more than {DEEPEST} levels deep")

    def _remember(self, event: Any, path: str) -> None:
        mark, positions = event.start_mark, self._positions
        positions[path] = Position(mark.line + 1, mark.column + 1)
        if len(positions) > MOST_VALUES or self._before > 2 * MOST_VALUES:
            raise self._error(event, "", f"more than {MOST_VALUES} values", "split the file")

    def _error(self, event: Any, path: str, problem: str, hint: str = "") -> InvalidSpec:
        mark = event.start_mark
        where = f"{self._name}:{mark.line + 1}:{mark.column + 1}"
        return InvalidSpec(f"{where}: {path}: {problem}" if path else f"{where}: {problem}", hint)


def _plain(path: str) -> str:
    return path.replace("_", "").lower()


def _joined_surrogates(text: str) -> str:
    """JSON's spelling of characters beyond 16 bits, in the one that YAML shares with it."""

    def join(found: re.Match[str]) -> str:
        letters = bytes.fromhex(found[0].replace("\\u", "")).decode("utf-16-be")
        return "".join(map("\\U%08x".__mod__, map(ord, letters)))

    return _SURROGATES.sub(join, text) if text.lstrip()[:1] in ("{", "[") else text
