"""What users type to point at things, as messages: `repo`, `repo@branch`, `repo@branch^2:/path`,
`pipeline@job`.

All take the current project; `project/repo` is not part of the grammar. Malformed text is a usage error.
"""

from __future__ import annotations

import re

import click

from calf.model.names import is_id
from calf.views.names import repo_called
from calf.wire.messages import Message, pfs, pps

_ANCESTRY = re.compile(r"[\^~.]")


def repo(text: str, project: str) -> Message:
    """`name`, or `name.type` for a system repo."""
    _check(text, "repo", "@:")
    return repo_called(text, project)


def branch(text: str, project: str) -> Message:
    """`repo@branch`."""
    name, _, rest = text.partition("@")
    if not rest or ":" in rest:
        raise click.UsageError(f"{text!r} does not name a branch; write REPO@BRANCH")
    return pfs.Branch(repo=repo(name, project), name=rest)


def commit(text: str, project: str) -> Message:
    """`repo@branch`, `repo@id` or `repo@branch=id`, the first two with ancestry (`^2`, `~`, `.1`)."""
    name, _, rest = text.partition("@")
    if not rest or ":" in rest:
        raise click.UsageError(f"{text!r} does not name a commit; write REPO@BRANCH-OR-COMMIT")
    owner = repo(name, project)
    on, equals, exact = rest.partition("=")
    if equals:
        return pfs.Commit(repo=owner, id=exact, branch=pfs.Branch(repo=owner, name=on))
    if is_id(_ANCESTRY.split(rest, maxsplit=1)[0]):
        return pfs.Commit(repo=owner, id=rest)
    return pfs.Commit(repo=owner, branch=pfs.Branch(repo=owner, name=rest))


def file(text: str, project: str, *, path: str | None = None) -> Message:
    """`repo@branch-or-commit:/path`; without a path it is `path`, which is an error when None."""
    head, colon, tail = text.partition(":")
    if not colon and path is None:
        raise click.UsageError(f"{text!r} does not name a file; write REPO@BRANCH-OR-COMMIT:/PATH")
    return pfs.File(commit=commit(head, project), path=tail if colon else path)


def pipeline(text: str, project: str) -> Message:
    """`name`, with ancestry (`name^2`) for an older version."""
    _check(text, "pipeline", "@:")
    return pps.Pipeline(name=text, project=pfs.Project(name=project))


def job(text: str, project: str) -> Message:
    """`pipeline@id`."""
    name, _, job_id = text.partition("@")
    if not job_id:
        raise click.UsageError(f"{text!r} does not name a job; write PIPELINE@JOB")
    return pps.Job(pipeline=pipeline(name, project), id=job_id)


def set_id(text: str, forms: str) -> str:
    """The ID of a set; `forms` are what else may be written there."""
    if not is_id(text):
        raise click.UsageError(f"{text!r} is not an ID; write {forms}")
    return text


def _check(text: str, what: str, forbidden: str) -> None:
    if "/" in text:
        head, _, tail = text.partition("/")
        raise click.UsageError(f"{text!r} is not a {what}; write --project {head} {tail}")
    if not text or any(character in text for character in forbidden):
        raise click.UsageError(f"{text!r} is not the name of a {what}")
