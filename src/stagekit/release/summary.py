"""The engine's signed summary of a verification: which files a commit holds, and that all of them were read.

A statement names what a commit holds by the root of a tree, which nobody can compute from files alone. The
summary binds the same commit to the SHA-256 of each file, so that files and a proof need no engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stagekit.release.chain import STATEMENT, Chain
from stagekit.release.dsse import BrokenEnvelopeError, opened
from stagekit.release.proof import Proof

SUMMARY = "https://slsa.dev/verification_summary/v1"
POLICY = "https://calf.dev/verify/v1"


def check_summary(proof: Proof, chain: Chain, keys: Sequence[Ed25519PublicKey]) -> Iterator[str]:
    """Yield what is wrong with the summary, or with what the proof says beside it."""
    try:
        content = json.loads(opened(proof.summary, keys))
        yield from _compare(content, proof, chain)
    except BrokenEnvelopeError as error:
        yield f"its summary: {error}"
    except (KeyError, TypeError, ValueError, RecursionError):
        yield "its summary is none of the engine's"


def _compare(content: dict[str, Any], proof: Proof, chain: Chain) -> Iterator[str]:
    predicate = content["predicate"]
    kinds = content["_type"], content["predicateType"], predicate.get("policy", {}).get("uri", "")
    if kinds != (STATEMENT, SUMMARY, POLICY):
        yield f"its summary is of another kind: {content['predicateType']}"
        return
    commit, *files = content["subject"]
    first = chain.statements[0] if chain.statements else None
    if first is not None and (commit["name"], commit["digest"]) != (first.uri, first.digest):
        yield f"its summary is about {commit['name']} with another content"
    if {file["name"]: file["digest"]["sha256"] for file in files} != proof.files:
        yield "its files are not those of its summary"
    read = sorted(item["digest"]["sha256"] for item in predicate["inputAttestations"])
    if read != sorted(statement.sha256 for statement in chain.statements):
        yield "its summary is of other statements"
    passed = predicate["verificationResult"] == "PASSED"
    if passed != proof.verified.ok:
        yield "it says something else of the verification than its summary"
    if not passed:
        yield "the engine could not verify the commit: " + ("; ".join(proof.verified.problems) or "no reason")
