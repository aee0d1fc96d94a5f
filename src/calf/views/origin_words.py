"""The origin of a file in words."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence

from calf.kit import sizes
from calf.views.labels import image_words, repo_name
from calf.views.states import job_state
from calf.views.words import moment, printable
from calf.wire.messages import Message

_MOST_INPUTS = 20
_INDENT = "  "


def describe(
    origin: Message,
    parameters: Mapping[str, Sequence[str]],
    log: Sequence[str],
    source: str = "",
    again: str = "",
) -> Iterator[str]:
    """Lines about an origin; `parameters` are the lines of small inputs by path, `log` the log's end.

    `source` is the commit of git that the code is from, `again` how a replay came out.
    """
    yield f"Content:   {sizes.format(origin.size_bytes)}, hash {origin.hash.hex()}"
    if not origin.HasField("datum"):
        yield from _of_user(origin)
        return
    yield from _of_run(origin)
    if source:
        yield f"Source:    {printable(source)}"
    if again:
        yield f"Replayed:  {again}"
    yield from _code(origin)
    for number, part in enumerate(origin.inputs):
        if number == _MOST_INPUTS:
            yield f"Reads:     and {len(origin.inputs) - number} more"
            break
        yield f"Reads:     {_input(part)}"
        yield from (f"{_INDENT * 6}{printable(line)}" for line in parameters.get(part.file.path, ()))
    for line in log:
        yield f"Log:       {printable(line)}"


def _of_user(origin: Message) -> Iterator[str]:
    info = origin.commit
    name = f"{repo_name(info.commit.repo)}@{info.commit.id}"
    words = f": {printable(info.description)}" if info.description else ""
    yield f"Put in by: commit {name}, {moment(info.finished)}{words}"


def _of_run(origin: Message) -> Iterator[str]:
    datum, job = origin.datum.datum, origin.job
    name = f"{datum.job.pipeline.name}@{datum.job.id}"
    state = f", {job_state(job.state)}, {moment(job.finished)}" if job.state else ", no longer on record"
    earlier = " (skipped since)" if datum.job.id != origin.file.commit.id else ""
    yield f"Job:       {name}{state}{earlier}"
    yield f"Datum:     {datum.id}"
    if origin.pipeline_version:
        spec = origin.spec_commit
        yield f"Spec:      version {origin.pipeline_version}, {repo_name(spec.repo)}@{spec.id}"
    if origin.image.digest:
        yield f"Image:     {image_words(origin.image)}"
    if origin.statement:
        yield f"Statement: sha256:{origin.statement}, which `pachctl verify` checks"


def _code(origin: Message) -> Iterator[str]:
    spec = json.loads(origin.effective_spec_json or "{}")
    transform = spec.get("transform", {})
    if transform.get("cmd"):
        yield f"Command:   {printable(shlex.join(transform['cmd']))}"
    for line in transform.get("stdin", ()):
        yield f"Stdin:     {printable(line)}"
    for name, value in sorted(transform.get("env", {}).items()):
        yield f"Variable:  {printable(f'{name}={value}')}"


def _input(part: Message) -> str:
    commit = part.file.commit
    source = f"{repo_name(commit.repo)}@{commit.id}:{part.file.path}"
    return f"/pfs/{part.name}{part.file.path}  from {source}, hash {part.hash.hex()[:16]}"
