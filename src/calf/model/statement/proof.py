"""Proofs: a document that shows, to whoever has no engine, what a commit holds and what it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from calf.model.errors import InvalidArgument
from calf.model.statement.identity import image_fault
from calf.model.statement.reading import Statement, read_statement
from calf.model.statement.replays import check_replays
from calf.model.statement.signing import PublicKey, open_signed, read_public_key
from calf.model.statement.summary import Summary, read_summary

VERSION = 1


def sources_of(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    """For each statement, which image its job ran and which commit of git that was built from."""
    found = []
    for statement in statements:
        image = statement.internal["image"]
        source = image["source"]
        named = {"job": statement.job, "image": f"{image['name']}@{image['digest']}"}
        found.append({**named, **{key: source[key] for key in ("commit", "dirty", "changed")}})
    return found


def read_key(proof: Mapping[str, Any]) -> PublicKey:
    """The key that a proof brings along. Raises `InvalidArgument`."""
    if proof.get("v") != VERSION:
        raise InvalidArgument(f"not a proof of version {VERSION}", "`pachctl attest` writes one")
    return read_public_key(str(proof.get("key")))


def check_proof(proof: Mapping[str, Any], key: PublicKey, files: Mapping[str, str] | None) -> Iterator[str]:
    """What is wrong with a proof, a line each; nothing when it holds.

    Everything in it must follow from what `key` signed. `files` are the SHA-256 (hex) of files by path (`/a`)
    that are said to be the commit's; None: those are not asked about.
    """
    try:
        yield from _check(proof, key, files)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        yield f"the proof is not of the form that it must have: {error!r}"


def _check(proof: Mapping[str, Any], key: PublicKey, files: Mapping[str, str] | None) -> Iterator[str]:
    of = str(proof["commit"])
    statements, wrong = _read_all(proof["statements"], key)
    yield from wrong
    if not statements and not wrong:
        yield "there are no statements in it"
    if not statements or wrong:
        return
    yield from _check_chain(of, statements)
    for statement in statements:
        if fault := image_fault(statement.internal):
            yield f"{statement.of.uri}: {fault}"
    if proof["sources"] != sources_of(statements):
        yield "the proof says something else of images and sources than the statements in it"
    yield from _check_summary(proof, key, statements)
    if proof["reproduced"] is not None:
        yield from check_replays(proof["reproduced"], statements, key)
    if files is not None:
        yield from _compare(proof["files"], files)


def _read_all(documents: Sequence[Any], key: PublicKey) -> tuple[list[Statement], list[str]]:
    statements, wrong = [], []
    for number, document in enumerate(documents, start=1):
        try:
            statements.append(read_statement(open_signed(document, key).payload))
        except InvalidArgument as error:
            wrong.append(f"statement {number} of {len(documents)}: {error.message}")
    return statements, wrong


def _check_chain(of: str, statements: Sequence[Statement]) -> Iterator[str]:
    """Every link leads to a statement that says the same, and every statement is linked to."""
    if statements[0].of.uri != of:
        yield f"the first statement must be about {of}, and is about {statements[0].of.uri}"
        return
    by_digest = {statement.sha256: statement for statement in statements}
    reached, waiting = {statements[0].sha256}, [statements[0]]
    while waiting:
        statement = waiting.pop()
        for claim in statement.materials:
            linked = by_digest.get(claim.statement)
            if claim.statement and linked is None:
                yield f"{statement.of.uri} was made from {claim.uri}, whose statement is not here"
            elif linked is not None and not agrees(claim.uri, claim.digest, linked):
                yield f"{statement.of.uri} was made from {claim.uri}, whose statement says something else"
            elif linked is not None and linked.sha256 not in reached:
                reached.add(linked.sha256)
                waiting.append(linked)
    for statement in statements:
        if statement.sha256 not in reached:
            yield f"the statement about {statement.of.uri} is no part of the chain"


def agrees(uri: str, digest: str, statement: Statement) -> bool:
    """Whether a statement is about the commit that a link names, with that tree.

    The records of a job's datums (`repo.meta`) are vouched for by the statement about the job's output.
    """
    repo, at, commit = uri.partition("@")
    if repo.endswith(".meta"):
        return f"{repo.removesuffix('.meta')}{at}{commit}" == statement.of.uri
    return (uri, digest) == (statement.of.uri, statement.of.digest)


def _check_summary(
    proof: Mapping[str, Any], key: PublicKey, statements: Sequence[Statement]
) -> Iterator[str]:
    try:
        summary = read_summary(open_signed(proof["summary"], key).payload)
    except InvalidArgument as error:
        yield f"summary: {error.message}"
        return
    yield from _compare_summary(proof, summary, statements)


def _compare_summary(
    proof: Mapping[str, Any], summary: Summary, statements: Sequence[Statement]
) -> Iterator[str]:
    first = statements[0].of
    if (summary.of.uri, summary.of.digest) != (first.uri, first.digest):
        yield f"the summary is about {summary.of.uri}, not about {proof['commit']}"
    if sorted(summary.statements) != sorted(statement.sha256 for statement in statements):
        yield "the summary is of other statements"
    if summary.passed != bool(proof["verified"]["ok"]):
        yield "the proof says something else of the verification than the summary in it"
    if not summary.passed:
        problems = "; ".join(map(str, proof["verified"]["problems"]))
        yield f"the engine could not verify the commit: {problems}"
    if dict(summary.files) != dict(proof["files"]):
        yield f"the files of the proof are not those of the summary: {_first(summary.files, proof['files'])}"


def _compare(said: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(said.keys() | found.keys()):
        if path not in found:
            yield f"{path} is not there"
        elif path not in said:
            yield f"{path} is no file of the commit"
        elif said[path] != found[path]:
            yield f"{path} is not as it was: its SHA-256 is {found[path]}, and was {said[path]}"


def _first(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    return next((path for path in sorted(one.keys() | other.keys()) if one.get(path) != other.get(path)), "")
