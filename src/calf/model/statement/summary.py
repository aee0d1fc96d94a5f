"""Verification summaries: what an engine found when it read a commit again, all of it, signed.

A statement names what a commit holds by the root of its tree, which nobody can compute from files alone. The
summary names the files by SHA-256, so that whoever has files and a proof needs no engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calf.kit import rfc3339
from calf.model.errors import InvalidArgument
from calf.model.statement.composing import ENGINE, STATEMENT
from calf.model.statement.reading import Claim

SUMMARY = "https://slsa.dev/verification_summary/v1"
PASSED, FAILED = "PASSED", "FAILED"
POLICY = "https://calf.dev/verify/v1"
LEVEL = "CALF_CHAIN_AND_BYTES"


@dataclass(frozen=True, slots=True)
class Summary:
    """That the commit `of` holds `files` (path to SHA-256, hex), and how its verification ended.

    `statements` are the SHA-256 of all statements of the chain.
    """

    of: Claim
    files: Mapping[str, str]
    statements: Sequence[str]
    passed: bool


def compose_summary(summary: Summary, now: float) -> dict[str, Any]:
    """The summary as a document."""
    commit = {"name": summary.of.uri, "digest": {"blake3": summary.of.digest}}
    files = [{"name": path, "digest": {"sha256": digest}} for path, digest in sorted(summary.files.items())]
    return frame([commit, *files], POLICY, summary.statements, [LEVEL] if summary.passed else [], now)


def read_summary(payload: bytes) -> Summary:
    """The summary in the payload of an envelope. Raises `InvalidArgument` for anything else."""
    try:
        (commit, *files), predicate = open_frame(payload, POLICY)
        if commit["name"] != predicate["resourceUri"]:
            raise InvalidArgument("the summary does not agree with itself about what it is about")
        return Summary(
            Claim(commit["name"], commit["digest"]["blake3"]),
            {str(file["name"]): str(file["digest"]["sha256"]) for file in files},
            attestations(predicate),
            predicate["verificationResult"] == PASSED,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidArgument(f"not a summary of calf's: {error!r}") from None


def frame(
    subject: Sequence[Mapping[str, Any]],
    policy: str,
    statements: Iterable[str],
    levels: Sequence[str],
    now: float,
) -> dict[str, Any]:
    """A summary as a document: of the first of `subject`, passed if it reached any of the policy's levels."""
    return {
        "_type": STATEMENT,
        "subject": list(subject),
        "predicateType": SUMMARY,
        "predicate": {
            "verifier": {"id": ENGINE},
            "timeVerified": rfc3339.format(now),
            "resourceUri": subject[0]["name"],
            "policy": {"uri": policy},
            "inputAttestations": [{"digest": {"sha256": digest}} for digest in statements],
            "verificationResult": PASSED if levels else FAILED,
            "verifiedLevels": list(levels),
        },
    }


def open_frame(payload: bytes, policy: str) -> tuple[list[Any], Any]:
    """Subject and predicate of a summary under this policy. Raises `InvalidArgument` for another kind.

    Danger: what is no such document at all raises what Python does: KeyError, TypeError, ValueError.
    """
    document = json.loads(payload)
    predicate = document["predicate"]
    kinds = (document["_type"], document["predicateType"], predicate["policy"]["uri"])
    if kinds != (STATEMENT, SUMMARY, policy):
        raise InvalidArgument(f"a statement of another kind: {', '.join(map(str, kinds))}")
    return document["subject"], predicate


def attestations(predicate: Any) -> list[str]:
    """The SHA-256 of the statements that a summary stands on."""
    return [str(item["digest"]["sha256"]) for item in predicate["inputAttestations"]]
