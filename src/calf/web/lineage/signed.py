"""What is signed about an output, and the engine's check of it."""

from __future__ import annotations

from typing import Any

from calf.client.connection import Client
from calf.model.errors import CalfError, Category
from calf.views.labels import repo_name
from calf.views.source_words import source_words
from calf.views.statements import ask_for_statement
from calf.web.lineage.spots import Spot
from calf.wire.messages import Message, calf

_MOST_FINDINGS = 200


def signed_data(client: Client, spot: Spot) -> dict[str, Any]:
    """The statement about a commit in the data of a page; it is read, not checked.

    `problem` says why there is none: no job made the commit, or this server knows no statements.
    """
    try:
        signed = ask_for_statement(client, spot.message)
    except CalfError as error:
        if error.category is Category.UNIMPLEMENTED:
            return {"problem": "this server signs no statements: they are calf's own", "known": False}
        if error.category in (Category.NOT_FOUND, Category.INVALID, Category.STATE, Category.PRECONDITION):
            return {"problem": error.message, "known": True}
        raise
    statement = signed.statement
    details = statement.document["predicate"].get("runDetails", {})
    image = statement.internal.get("image") or {}
    return {
        "problem": "",
        "known": True,
        "sha256": statement.sha256,
        "of": statement.of.uri,
        "tree": statement.of.digest,
        "job": statement.job,
        "keyids": [str(each.get("keyid", "")) for each in signed.envelope.get("signatures", ())],
        "finished": str((details.get("metadata") or {}).get("finishedOn", "")),
        "isolation": str(statement.internal.get("isolation", "")),
        "image": str(image.get("digest", "")),
        "source": source_words(image.get("source") or {}),
        "materials": [{"uri": each.uri, "statement": each.statement} for each in statement.materials],
    }


def verified_data(client: Client, spot: Spot) -> dict[str, Any]:
    """What the engine finds when it reads every byte of a commit and of all that it was made from."""
    told: dict[str, Any] = {"problems": [], "gaps": [], "commits": [], "left_out": 0, "ok": False}
    for response in client.call("/calf_v1.Attestation/Verify", calf.VerifyRequest(commit=spot.message)):
        match response.WhichOneof("body"):
            case "finding":
                _add_finding(told, response.finding)
            case "checked":
                one = response.checked
                told["commits"].append(
                    {
                        "uri": one.uri,
                        "signed": bool(one.statement),
                        "files": one.files,
                        "size": one.size_bytes,
                    }
                )
            case "verdict":
                it = response.verdict
                told |= {"ok": it.ok, "statements": it.statements, "files": it.files}
                told |= {"size": it.size_bytes, "key": it.keyid, "of": _uri(it.commit)}
    return told


def _add_finding(told: dict[str, Any], finding: Message) -> None:
    kind = told["problems" if finding.damaged else "gaps"]
    if len(kind) < _MOST_FINDINGS:
        kind.append(f"{finding.uri}: {finding.text}")
    else:
        told["left_out"] += 1


def _uri(commit: Message) -> str:
    return f"pfs:{commit.repo.project.name}/{repo_name(commit.repo)}@{commit.id}"
