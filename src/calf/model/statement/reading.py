"""Reading statements: what they say of commits, as far as a chain of them is followed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from calf.model.errors import InvalidArgument
from calf.model.statement.composing import BUILD, PROVENANCE, STATEMENT


@dataclass(frozen=True, slots=True)
class Claim:
    """That the commit `uri` has the tree `digest` and, when it has one, the statement of that SHA-256."""

    uri: str
    digest: str
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, read: `of` is what it is about, `materials` is what that was made from.

    `document` is all of it. `sha256` (hex) is that of its bytes, by which other statements refer to it.
    """

    of: Claim
    materials: tuple[Claim, ...]
    document: Mapping[str, Any]
    sha256: str

    @property
    def internal(self) -> Mapping[str, Any]:
        """What the engine adds to the parameters: job, image, machine."""
        found: Mapping[str, Any] = self.document["predicate"]["buildDefinition"]["internalParameters"]
        return found

    @property
    def job(self) -> str:
        """The job, as `project/pipeline@id`."""
        external = self.document["predicate"]["buildDefinition"]["externalParameters"]
        return f"{external['pipeline']}@{self.internal['job']}"


def read_statement(payload: bytes) -> Statement:
    """The statement in the payload of an envelope. Raises `InvalidArgument` for anything else.

    That it is signed is for the caller to check, before.
    """
    try:
        document = json.loads(payload)
        build = document["predicate"]["buildDefinition"]
        kinds = (document["_type"], document["predicateType"], build["buildType"])
        if kinds != (STATEMENT, PROVENANCE, BUILD):
            raise InvalidArgument(f"a statement of another kind: {', '.join(map(str, kinds))}")
        (subject,) = document["subject"]
        own = sha256(payload).hexdigest()
        read = Statement(
            Claim(str(subject["name"]), str(subject["digest"]["blake3"]), own),
            tuple(map(_material, build["resolvedDependencies"])),
            document,
            own,
        )
        if not read.job:
            raise InvalidArgument("the statement names no job")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InvalidArgument(f"not a statement of calf's: {error!r}") from None
    return read


def _material(item: Mapping[str, Any]) -> Claim:
    statement = item.get("annotations", {}).get("statement", "")
    return Claim(str(item["uri"]), str(item["digest"]["blake3"]), str(statement))
