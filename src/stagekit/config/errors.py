"""Errors of parameters, told in the user's own keys."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

from stagekit.errors import StageError

Told = tuple[Callable[[str], str], Callable[[str], str]]


class ConfigError(StageError):
    """Parameters that cannot be used: each line names a key as the user wrote it, and what to set."""


class BrokenRulesError(ValueError):
    """Rules between keys do not hold: for each the key to change, and what to set."""

    def __init__(self, *broken: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{key}: {advice}" for key, advice in broken))
        self.broken = broken


class CannotMigrateError(Exception):
    """Raised by a migration step: an old key's value has no successor.

    `key` is the key in the *old* block, `advice` says why and what to set there; `{key}` in it becomes the
    key as the user wrote it, in a version before that perhaps.
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


def explain(problems: Iterable[dict[str, Any]], known: Any, told: Told, source: str) -> str:
    """Turn pydantic's problems into one line each: the key, what is wrong, what to set.

    `known` is the model class that was tried; it gives the names that are near to an unknown key, and says
    where a value may be a secret, which is not told. `told` gives a dotted key of it as the user wrote it,
    and a clause about an unknown key, empty where there is nothing to say but which known ones are near.
    """
    lines = [line for problem in problems for line in _lines(problem, known, told)]
    return f"{source}:\n" + "\n".join(f"  {line}" for line in lines)


def _lines(problem: dict[str, Any], model: Any, told: Told) -> Iterator[str]:
    own, elsewhere = told
    parts = [str(part) for part in problem["loc"]]
    broken = problem.get("ctx", {}).get("error")
    if isinstance(broken, BrokenRulesError):
        for key, advice in broken.broken:
            name = own(".".join(filter(None, (*parts, key))))
            yield f"{name}: {advice.replace('{key}', name)}"
        return
    key = own(".".join(parts))
    if problem["type"] == "extra_forbidden":
        near = nearest(parts[-1], _fields_at(model, problem["loc"][:-1]))
        yield f"{key}: unknown key; {elsewhere('.'.join(parts)) or near}"
    elif problem["type"] == "missing":
        yield f"{key}: required but missing; set {key}=<value>"
    elif _may_be_secret(model, problem["loc"]):
        yield f"{key}: {_lower(problem['msg'])}; set {key}=<value>"
    else:
        yield f"{key}: {_lower(problem['msg'])}, got {_short(problem['input'])}; set {key}=<value>"


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _may_be_secret(model: Any, location: tuple[Any, ...]) -> bool:
    """Whether a section on the way, or one below, says that its values are not to be told."""
    ways = (location[:end] for end in range(len(location) + 1))
    above = any(getattr(_section_at(model, way), "untold", False) for way in ways)
    return above or _holds_untold(_section_at(model, location))


def _holds_untold(section: Any) -> bool:
    if getattr(section, "untold", False):
        return True
    fields = getattr(section, "model_fields", {})
    return any(_holds_untold(_section_at(section, (name,))) for name in fields if _is_section(section, name))


def _is_section(section: Any, name: str) -> bool:
    return hasattr(_section_at(section, (name,)), "model_fields")


def _fields_at(model: Any, location: Iterable[Any]) -> list[str]:
    return list(getattr(_section_at(model, location), "model_fields", {}))


def _section_at(model: Any, location: Iterable[Any]) -> Any:
    """The section that a location leads to, by way of lists and optional sections."""
    for part in location:
        field = getattr(model, "model_fields", {}).get(part)
        if field is not None:
            model = field.annotation
        sections = [kind for kind in get_args(model) if hasattr(kind, "model_fields")]
        model = sections[0] if sections else model
    return model
