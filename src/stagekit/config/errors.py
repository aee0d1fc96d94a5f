"""Errors of parameters, told in the user's own keys."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from stagekit.errors import StageError


class ConfigError(StageError):
    """Parameters that cannot be used: each line names a key as the user wrote it, and what to set."""


class BrokenRuleError(ValueError):
    """A rule between keys does not hold; `key` is the one to change."""

    def __init__(self, key: str, advice: str) -> None:
        super().__init__(f"{key}: {advice}")
        self.key = key
        self.advice = advice


class CannotMigrateError(Exception):
    """Raised by a migration step: an old key's value has no successor.

    `key` is the key in the *old* block, `advice` says why and what to set there.
    """

    def __init__(self, key: str, advice: str) -> None:
        super().__init__(f"{key}: {advice}")
        self.key = key
        self.advice = advice


def nearest(name: str, known: Iterable[str]) -> str:
    """Give a clause with the known name that is nearest, or all of them when none is near."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names)}"


def explain(problems: Iterable[dict[str, Any]], known: Any, block: str, source: str) -> str:
    """Turn pydantic's problems into one line each: the key, what is wrong, what to set.

    `known` is the model class that was tried; it gives the names that are near to an unknown key.
    """
    lines = [_line(problem, known, block) for problem in problems]
    return f"{source}:\n" + "\n".join(f"  {line}" for line in lines)


def _line(problem: dict[str, Any], model: Any, block: str) -> str:
    parts = [str(part) for part in problem["loc"]]
    broken = problem.get("ctx", {}).get("error")
    if isinstance(broken, BrokenRuleError):
        return f"{'.'.join([block, *parts, broken.key])}: {broken.advice}"
    key = ".".join([block, *parts])
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key; {nearest(parts[-1], _fields_at(model, problem['loc'][:-1]))}"
    if problem["type"] == "missing":
        return f"{key}: required but missing; set {key}=<value>"
    return f"{key}: {_lower(problem['msg'])}, got {problem['input']!r}; set {key}=<value>"


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _fields_at(model: Any, location: Iterable[Any]) -> list[str]:
    """List the fields of the section that a location leads to, by way of lists and optional sections."""
    for part in location:
        field = getattr(model, "model_fields", {}).get(part)
        if field is not None:
            model = field.annotation
        sections = [kind for kind in get_args(model) if hasattr(kind, "model_fields")]
        model = sections[0] if sections else model
    return list(getattr(model, "model_fields", {}))
