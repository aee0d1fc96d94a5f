"""What the engine signed about replays: that it ran a job again, and compared the two outputs itself.

A summary for each job, in the form of that of the commit and under a policy of its own. It is about the
recorded output, whose statement it names first, and that about the new run second.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stagekit.release.chain import STATEMENT, Chain, Statement
from stagekit.release.dsse import BrokenEnvelopeError, opened
from stagekit.release.proof import Proof, Replayed
from stagekit.release.summary import SUMMARY

POLICY = "https://calf.dev/replay/v1"
LEVELS = {"reproduced": "CALF_REPRODUCED", "within tolerance": "CALF_WITHIN_TOLERANCE"}


def check_replays(proof: Proof, chain: Chain, keys: Sequence[Ed25519PublicKey]) -> Iterator[str]:
    """Yield which replays the proof calls good without the engine's word for it."""
    by_job = {statement.ran: statement for statement in chain.statements}
    for job in proof.reproduced.jobs if proof.reproduced else ():
        statement = by_job.get(job.job)
        if job.same and statement is not None and (wrong := _wrong(job, statement, keys)):
            yield f"replay of {statement.pipeline}: {wrong}"


def _wrong(job: Replayed, statement: Statement, keys: Sequence[Ed25519PublicKey]) -> str:
    if job.signed is None:
        return f"that it was {job.result} is signed by nobody"
    try:
        return _compare(json.loads(opened(job.signed, keys)), job, statement)
    except BrokenEnvelopeError as error:
        return str(error)
    except (KeyError, TypeError, ValueError, RecursionError):
        return "what is signed is nothing of the engine's"


def _compare(content: dict[str, Any], job: Replayed, statement: Statement) -> str:
    predicate = content["predicate"]
    if (content["_type"], content["predicateType"], predicate["policy"]["uri"]) != (
        STATEMENT,
        SUMMARY,
        POLICY,
    ):
        return "what is signed is of another kind"
    (subject,) = content["subject"]
    recorded, _ = (item["digest"]["sha256"] for item in predicate["inputAttestations"])
    if (subject["name"], subject["digest"], recorded) != (statement.uri, statement.digest, statement.sha256):
        return f"what is signed is about {subject['name']} with another statement"
    if (predicate["verificationResult"], predicate["verifiedLevels"]) != ("PASSED", [LEVELS[job.result]]):
        return f"that it was {job.result} is not what is signed"
    return ""
