"""Asking a server for the statement about an output."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calf.wire.messages import Message, calf, pfs

if TYPE_CHECKING:
    from calf.client.connection import Client
    from calf.model.statement.reading import Statement


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement with the envelope that it came in, as a document."""

    envelope: Mapping[str, Any]
    statement: Statement


def ask_for_statement(client: Client, commit: Message) -> Signed:
    """The statement about a commit; it is read, not checked: `pachctl verify` does that.

    Raises `NotFound` when there is none, `InvalidArgument` when what there is cannot be read.
    """
    from calf.model.statement.dsse import read_envelope
    from calf.model.statement.reading import read_statement

    answer = client.call("/calf_v1.Attestation/Statement", calf.StatementRequest(commit=commit))
    document = json.loads(answer.envelope)
    return Signed(document, read_statement(read_envelope(document).payload))


def commit_of(uri: str) -> Message:
    """The commit whose statement vouches for what a URI names (`pfs:project/repo@id`)."""
    path, _, commit_id = uri.removeprefix("pfs:").partition("@")
    project, _, name = path.partition("/")
    repo = pfs.Repo(name=name.removesuffix(".meta"), type="user", project=pfs.Project(name=project))
    return pfs.Commit(repo=repo, id=commit_id)
