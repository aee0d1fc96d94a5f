"""What changed around a stage: the statement about what was recorded against that about the new run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from calf.model.errors import CalfError, Category
from calf.views.differences.documents import GONE, leaves_that_differ
from calf.views.differences.pair import clip
from calf.views.statements import ask_for_statement
from calf.wire.messages import Message

if TYPE_CHECKING:
    from calf.client.connection import Client

_OF_THE_RUN = {"job", "detached", "datums", "base"}
"""What two runs of the same never share."""
_WHERE_IT_RAN = ("isolation", "limits")
_MOST = 20


def statement_about(client: Client, commit: Message) -> Mapping[str, Any] | None:
    """The definition of the build in the statement about a commit, None where none can be read.

    It is not checked here: `pachctl verify` does that.
    """
    try:
        statement = ask_for_statement(client, commit).statement
    except CalfError as error:
        if error.category in (Category.NOT_FOUND, Category.INVALID, Category.UNIMPLEMENTED):
            return None
        raise
    found: Mapping[str, Any] = statement.document["predicate"]["buildDefinition"]
    return found


def what_changed(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> tuple[str, ...]:
    """What two builds differ in, a line each: image, processor, secrets, isolation, engine, variables, spec.

    Of what was made before there were statements nobody knows, nor of limits before they were stated; and
    where each datum was skipped, nothing ran that had any.
    """
    if old is None or new is None:
        which = "recorded" if old is None else "new"
        return (f"no statement about the {which} output can be read, so processor and engine are unknown",)
    before, after = (dict(build["internalParameters"]) for build in (old, new))
    lines = [*_image(before.pop("image", {}), after.pop("image", {})), *_processor(before, after)]
    lines += _secrets(before.pop("secrets", None), after.pop("secrets", {}))
    left_out = _OF_THE_RUN | {name for name in _WHERE_IT_RAN if not (before.get(name) and after.get(name))}
    rest = ({key: value for key, value in each.items() if key not in left_out} for each in (before, after))
    lines += _leaves("", *rest)
    lines += _leaves("", old["externalParameters"], new["externalParameters"])
    lines += _inputs(old.get("resolvedDependencies", []), new.get("resolvedDependencies", []))
    more = len(lines) - _MOST
    return (*lines[:_MOST], *([f"and {more} more"] if more > 0 else []))


def _leaves(prefix: str, old: Any, new: Any) -> Iterator[str]:
    for path, before, after in leaves_that_differ(old, new):
        yield f"{prefix}{path}: {_show(before)} → {_show(after)}"


def _show(value: Any) -> str:
    if value is GONE:
        return "(none)"
    return clip(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _image(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    name = new.get("name") or old.get("name")
    if old.get("digest") != new.get("digest"):
        yield f"image {name}: {old.get('digest')} → {new.get('digest')}"
    files = (old.get("files", {}), new.get("files", {}))
    for path in sorted(files[0].keys() | files[1].keys()):
        if path not in files[1]:
            yield f"{path} of image {name} is missing"
        elif path not in files[0]:
            yield f"{path} of image {name} was added"
        elif files[0][path] != files[1][path]:
            yield f"{path} of image {name} is not the one that made the recorded output"
    yield from _packages(old.get("packages", []), new.get("packages", []), f"of image {name}")
    if old.get("python") != new.get("python"):
        yield f"Python: {old.get('python')} → {new.get('python')}"


def _packages(old: list[str], new: list[str], where: str) -> Iterator[str]:
    before, after = (dict(line.partition("==")[::2] for line in lines) for lines in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            line = f"{name}=={before[name]}" if name in before else f"(no {name})"
            yield f"{line} → {after.get(name, '(none)')} {where}"


def _secrets(old: Mapping[str, str] | None, new: Mapping[str, str]) -> Iterator[str]:
    """By when they were made: what is in them is on record nowhere. Of early statements nobody knows."""
    for name, at in sorted(new.items()):
        if old is None or name not in old:
            yield f"secret {name}: which one the recorded run was given is not on record"
        elif old[name] != at:
            yield f"secret {name} is another one: made at {old[name]} → {at}"


def _processor(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Takes both out of the dictionaries."""
    before, after = old.pop("cpu", {}), new.pop("cpu", {})
    if before.get("model") != after.get("model"):
        yield f"processor: {before.get('model')} → {after.get('model')}"
    had, has = (set(cpu.get("features", [])) for cpu in (before, after))
    if had != has:
        signs = [f"-{each}" for each in sorted(had - has)] + [f"+{each}" for each in sorted(has - had)]
        yield f"the processor's features: {' '.join(signs)}"


def _inputs(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> Iterator[str]:
    before, after = ({each["uri"]: each["digest"] for each in inputs} for inputs in (old, new))
    for uri in sorted(before.keys() | after.keys()):
        if before.get(uri) != after.get(uri):
            yield f"input {uri}: {_show(before.get(uri, GONE))} → {_show(after.get(uri, GONE))}"
