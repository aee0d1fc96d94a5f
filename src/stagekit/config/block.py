"""A versioned block of parameters: one model a version, and one step from each version to the next.

A block is one stage's parameter file. Its key `v` says which version its keys are in. An old block is
validated as what it is, then stepped up; a stage sees only the newest model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from stagekit.config.errors import CannotMigrateError, ConfigError, explain
from stagekit.config.section import Section

Newest = TypeVar("Newest", bound=Section)
Step = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Block(Generic[Newest]):
    """A block's name and its history: `older[i]` is the model of version i + 1, `steps[i]` leads to the next.

    A step takes a validated old model and gives the next version's keys, or raises `CannotMigrateError`.
    """

    name: str
    newest: type[Newest]
    older: tuple[type[Section], ...] = ()
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        assert len(self.older) == len(self.steps), f"{self.name}: one step for each older version"

    @property
    def version(self) -> int:
        """The newest version's number."""
        return len(self.older) + 1

    @property
    def models(self) -> tuple[type[Section], ...]:
        """The models of all versions, oldest first."""
        return (*self.older, self.newest)


def migrate(block: Block[Newest], raw: Mapping[str, Any], source: str) -> Newest:
    """Validate a block in its own version and step it up to the newest.

    `source` names where it comes from, for messages. Raises `ConfigError` with every problem that was found.
    """
    version = _version(block, raw, source)
    original = version
    model = _validate(block, version, raw, source)
    while version < block.version:
        try:
            keys = block.steps[version - 1](model)
        except CannotMigrateError as error:
            raise ConfigError(
                f"{source}:\n  {block.name}.{error.key} (v {version}) cannot be migrated to v {version + 1}: "
                f"{error.advice}"
            ) from error
        version += 1
        model = _validate(block, version, {"v": version, **keys}, f"{source}, migrated from v {original}")
    assert isinstance(model, block.newest)
    return model


def _version(block: Block[Newest], raw: Mapping[str, Any], source: str) -> int:
    """Read `v`, which decides everything else."""
    version = raw.get("v")
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= block.version:
        known = f"versions 1 to {block.version}" if block.version > 1 else "version 1"
        got = "is missing" if version is None else f"is {version!r}"
        raise ConfigError(
            f"{source}:\n  {block.name}.v {got}; known: {known}; set {block.name}.v={block.version}"
        )
    return version


def _validate(block: Block[Newest], version: int, raw: Mapping[str, Any], source: str) -> Section:
    model = block.models[version - 1]
    try:
        # By way of JSON, where the strict mode takes lists for tuples.
        return model.model_validate_json(json.dumps(raw))  # type: ignore[no-any-return]  # no types of pydantic here
    except ValidationError as error:
        raise ConfigError(explain(error.errors(), model, block.name, source)) from error
