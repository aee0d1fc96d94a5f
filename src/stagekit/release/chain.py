"""The chain of signed statements behind an output, checked without the engine.

Each statement says what one commit holds, what made it, and from which commits; it names the statements of
those by their SHA-256. So the first one's digest fixes everything behind it, back to what users put in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stagekit.release.dsse import BrokenEnvelopeError, opened

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"


@dataclass(frozen=True, slots=True)
class Input:
    """A commit that a job read; `statement` is empty for one that users made."""

    uri: str
    digest: Mapping[str, str]
    statement: str


@dataclass(frozen=True, slots=True)
class Image:
    """What a job ran in, and the commit of git that it was built from, empty where nobody knows.

    `as_named`: its files, where the statement tells of them, are those of its digest.
    `dirty`: some of its files (`changed`) are not as in that commit; None where nobody knows.
    """

    name: str
    digest: str
    commit: str
    dirty: bool | None
    changed: tuple[str, ...]
    as_named: bool = True


@dataclass(frozen=True, slots=True)
class Statement:
    """What the engine says about the output of one job; `uri` is `pfs:<project>/<repo>@<id>`.

    `sha256` is that of the bytes that were signed.
    """

    sha256: str
    uri: str
    digest: Mapping[str, str]
    pipeline: str
    job: str
    image: Image
    inputs: tuple[Input, ...]

    @property
    def ran(self) -> str:
        """The job with its project: `default/train@<id>`."""
        return f"{self.pipeline}@{self.job}"


@dataclass(frozen=True, slots=True)
class Chain:
    """The statements that could be trusted, in the proof's order, and whatever is wrong, in words."""

    statements: tuple[Statement, ...]
    problems: tuple[str, ...]

    @property
    def in_order(self) -> tuple[Statement, ...]:
        """The statements in the order in which the data flowed."""
        left = {each.sha256: each for each in sorted(self.statements, key=lambda each: each.uri)}
        ordered: list[Statement] = []
        while left:
            ready = [each for each in left.values() if not any(dep.statement in left for dep in each.inputs)]
            ordered.extend(left.pop(each.sha256) for each in ready or list(left.values()))
        return tuple(ordered)

    @property
    def origins(self) -> tuple[Input, ...]:
        """The commits of users at the chain's ends, by uri."""
        found = {dep.uri: dep for each in self.statements for dep in each.inputs if not dep.statement}
        return tuple(found[uri] for uri in sorted(found))


def check_chain(envelopes: Sequence[Any], keys: Sequence[Ed25519PublicKey], commit: str) -> Chain:
    """Open every envelope and follow the links from the statement about `commit`."""
    walk = _Walk()
    for place, envelope in enumerate(envelopes):
        try:
            statement = _parsed(opened(envelope, keys))
            walk.found[statement.sha256] = statement
            if not statement.image.as_named:
                ran = f"{statement.ran} ran {statement.image.name}"
                walk.problems.append(f"{ran} when its files were not as {statement.image.digest} says")
        except BrokenEnvelopeError as error:
            walk.problems.append(f"statement {place + 1} of {len(envelopes)}: {error}")
    first = next(iter(walk.found), "")
    if not walk.found:
        walk.problems.append("it has no statement that counts")
    elif walk.found[first].uri != commit:
        walk.problems.append(f"its first statement is about {walk.found[first].uri}, not {commit}")
    else:
        walk.follow(first)
        for digest, statement in walk.found.items():
            if digest not in walk.seen:
                walk.problems.append(f"the statement about {statement.uri} is no part of the chain")
    return Chain(tuple(walk.found.values()), tuple(walk.problems))


@dataclass(slots=True)
class _Walk:
    """The statements by the SHA-256 of their bytes, those that were reached, and what was wrong."""

    found: dict[str, Statement] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def follow(self, first: str) -> None:
        """Reach every statement that the first one leads to, each once."""
        waiting = [first]
        self.seen.add(first)
        while waiting:
            statement = self.found[waiting.pop()]
            for dep in statement.inputs:
                if dep.statement and self._holds(statement, dep) and dep.statement not in self.seen:
                    self.seen.add(dep.statement)
                    waiting.append(dep.statement)

    def _holds(self, statement: Statement, dep: Input) -> bool:
        """Tell whether the linked statement is here, and is about that very commit and content."""
        linked = self.found.get(dep.statement)
        if linked is None:
            self.problems.append(f"{statement.uri} was made from {dep.uri}, whose statement is not here")
        elif not _agree(dep, linked):
            self.problems.append(f"{statement.uri} was made from {dep.uri}, but its statement says otherwise")
        return linked is not None


def _agree(dep: Input, linked: Statement) -> bool:
    """Tell whether a statement is about what a link names; records of datums have that of the output."""
    repo, at, commit = dep.uri.partition("@")
    if repo.endswith(".meta"):
        return repo.removesuffix(".meta") + at + commit == linked.uri
    return (dep.uri, dep.digest) == (linked.uri, linked.digest)


def _parsed(payload: bytes) -> Statement:
    """Read what counts of a statement. Raises `BrokenEnvelopeError` for anything else."""
    try:
        content = json.loads(payload)
        kinds = content["_type"], content["predicateType"]
        (subject,) = content["subject"]
        build = content["predicate"]["buildDefinition"]
        statement = Statement(
            sha256=hashlib.sha256(payload).hexdigest(),
            uri=str(subject["name"]),
            digest=dict(subject["digest"]),
            pipeline=str(build["externalParameters"]["pipeline"]),
            job=str(build["internalParameters"]["job"]),
            image=_image(build["internalParameters"]["image"]),
            inputs=tuple(_input(dep) for dep in build["resolvedDependencies"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BrokenEnvelopeError("no statement about an output of a job") from error
    if kinds != (STATEMENT, PREDICATE):
        raise BrokenEnvelopeError(f"a statement of other kinds: {', '.join(map(str, kinds))}")
    return statement


def _image(image: Any) -> Image:
    source = image.get("source") or {}
    dirty = source.get("dirty")
    return Image(
        name=str(image["name"]),
        digest=str(image["digest"]),
        commit=str(source.get("commit") or ""),
        dirty=None if dirty is None else bool(dirty),
        changed=tuple(str(path) for path in source.get("changed") or ()),
        as_named=_is_as_named(image.get("identity"), image["digest"]),
    )


def _is_as_named(identity: Any, digest: Any) -> bool:
    """Tell whether an image is what its digest is the hash of: JSON, sorted, without spaces, in ASCII."""
    if not identity:
        return True
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    return bool(digest == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}")


def _input(dep: Any) -> Input:
    return Input(
        uri=str(dep["uri"]),
        digest=dict(dep["digest"]),
        statement=str((dep.get("annotations") or {}).get("statement") or ""),
    )
