"""A versioned block of parameters: one model a version, and one step from each version to the next.

A block is one stage's parameter file. Its key `v` says which version its keys are in. An old block is
validated as what it is, then stepped up; a stage sees only the newest model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from stagekit.config.errors import CannotMigrateError, ConfigError, explain
from stagekit.config.section import Section

Newest = TypeVar("Newest", bound=Section)
Step = Callable[[Any], dict[str, Any]]
Review = Callable[[Any], Iterator[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Block(Generic[Newest]):
    """A block's name and its history: `older[i]` is the model of version i + 1, `steps[i]` leads to the next.

    A step takes a validated old model and gives the next version's keys, or raises `CannotMigrateError`.
    `renamed[i]` tells for step i which new key (dotted) was which old one, so that a value that only the new
    version refuses is told of by the key that the user wrote. A `shared` block is there to be referred to by
    others, and becomes no file. `review` yields (key, what is wrong) for what is refused where parameters are
    put together, and not in files that are committed already.
    """

    name: str
    newest: type[Newest]
    older: tuple[type[Section], ...] = ()
    steps: tuple[Step, ...] = ()
    renamed: tuple[Mapping[str, str], ...] = ()
    shared: bool = False
    review: Review | None = None

    def __post_init__(self) -> None:
        assert len(self.older) == len(self.steps), f"{self.name}: one step for each older version"
        assert len(self.renamed) in (0, len(self.steps)), f"{self.name}: one renaming for each step, or none"

    @property
    def version(self) -> int:
        """The newest version's number."""
        return len(self.older) + 1

    @property
    def models(self) -> tuple[type[Section], ...]:
        """The models of all versions, oldest first."""
        return (*self.older, self.newest)

    def key_in(self, original: int, key: str, version: int) -> str:
        """The key of version `original` that became `key` of a later version."""
        for renamed in reversed(self.renamed[original - 1 : version - 1]):
            for new, old in renamed.items():
                if key == new or key.startswith(f"{new}."):
                    key = old + key.removeprefix(new)
                    break
        return key

    def elsewhere(self, version: int, key: str) -> str:
        """Say, as a clause, what became of a key that `version` lacks and another one has; else nothing."""
        for other in range(self.version, 0, -1):
            if other == version or key not in self.models[other - 1].model_fields:
                continue
            if other > version:
                own = self.key_in(version, key, other)
                return f"version {other} calls {own!r} so" if own != key else f"it came with version {other}"
            new = self._renamed_since(other, key, version)
            return f"since version {version} it is {new!r}" if new != key else f"version {other} had it last"
        return ""

    def _renamed_since(self, original: int, key: str, version: int) -> str:
        for renamed in self.renamed[original - 1 : version - 1]:
            key = next((new for new, old in renamed.items() if old == key), key)
        return key


def migrate(block: Block[Newest], raw: Mapping[str, Any], source: str) -> Newest:
    """Validate a block in its own version and step it up to the newest.

    `source` names where it comes from, for messages. Raises `ConfigError` with every problem that was found,
    each under the key that the user wrote.
    """
    version = original = _version(block, raw, source)
    model = _validate(block, version, raw, source, original)
    while version < block.version:
        try:
            keys = block.steps[version - 1](model)
        except CannotMigrateError as error:
            key = f"{block.name}.{block.key_in(original, error.key, version)}"
            raise ConfigError(
                f"{source}:\n  {key} (v {original}) cannot be migrated to v {version + 1}: "
                f"{error.advice.replace('{key}', key)}"
            ) from error
        version += 1
        model = _validate(block, version, {"v": version, **keys}, source, original)
    assert isinstance(model, block.newest)
    return model


def _version(block: Block[Newest], raw: Mapping[str, Any], source: str) -> int:
    """Read `v`, which decides everything else."""
    version = raw.get("v")
    known = f"versions 1 to {block.version}" if block.version > 1 else "version 1"
    if isinstance(version, int) and version > block.version:
        raise ConfigError(
            f"{source}:\n  {block.name}.v is {version}, of a newer calf than this one, which knows {known}; "
            f"take that one, or write the block with the keys of v {block.version}"
        )
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        got = "is missing" if version is None else f"is {version!r}"
        raise ConfigError(
            f"{source}:\n  {block.name}.v {got}; known: {known}; set {block.name}.v={block.version}"
        )
    return version


def _validate(
    block: Block[Newest], version: int, raw: Mapping[str, Any], source: str, original: int
) -> Section:
    model = block.models[version - 1]
    try:
        text = json.dumps(raw)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"{source}:\n  {block.name}: a value is no plain YAML: {error}") from error
    try:
        # By way of JSON, where the strict mode takes lists for tuples.
        return model.model_validate_json(text)  # type: ignore[no-any-return]  # no types of pydantic here
    except ValidationError as error:
        since = f", migrated from v {original} to v {version}" if version > original else ""

        def own(key: str) -> str:
            return ".".join(filter(None, (block.name, block.key_in(original, key, version))))

        def other(key: str) -> str:
            return block.elsewhere(version, key)

        raise ConfigError(explain(error.errors(), model, (own, other), f"{source}{since}")) from error
