"""What an engine says of a replay: that it ran a job again and compared the two outputs itself, signed.

A verification summary like the one of a commit, under a policy of its own; its input attestations are the
statements about both runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calf.kit import rfc3339
from calf.model.errors import InvalidArgument
from calf.model.statement.reading import Claim, Statement
from calf.model.statement.signing import PublicKey, open_signed
from calf.model.statement.summary import PASSED, attestations, frame, open_frame

POLICY = "https://calf.dev/replay/v1"
REPRODUCED = "reproduced"
WITHIN_TOLERANCE = "within tolerance"
DIFFERS = "differs"
LEVELS = {REPRODUCED: "CALF_REPRODUCED", WITHIN_TOLERANCE: "CALF_WITHIN_TOLERANCE"}
"""The results that are as they should be, and how a summary spells them."""


@dataclass(frozen=True, slots=True)
class Replay:
    """That the job which made `of` was run again, which the statement `again` (SHA-256, hex) is about.

    `result` is one of the words above.
    """

    of: Claim
    again: str
    result: str


def compose_replay(replay: Replay, now: float) -> dict[str, Any]:
    """The summary as a document."""
    subject = {"name": replay.of.uri, "digest": {"blake3": replay.of.digest}}
    level = LEVELS.get(replay.result)
    return frame([subject], POLICY, (replay.of.statement, replay.again), [level] if level else [], now)


def read_replay(payload: bytes) -> Replay:
    """The replay in the payload of an envelope. Raises `InvalidArgument` for anything else."""
    try:
        (subject,), predicate = open_frame(payload, POLICY)
        recorded, again = attestations(predicate)
        of = Claim(str(subject["name"]), str(subject["digest"]["blake3"]), recorded)
        levels = {(level,): result for result, level in LEVELS.items()}
        passed = predicate["verificationResult"] == PASSED
        result = levels.get(tuple(predicate["verifiedLevels"]), DIFFERS) if passed else DIFFERS
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidArgument(f"not what calf says of a replay: {error!r}") from None
    return Replay(of, again, result)


def signed_at(payload: bytes) -> float:
    """When a replay was signed, to the second. Raises `InvalidArgument` for what `read_replay` refuses."""
    try:
        return rfc3339.parse(str(open_frame(payload, POLICY)[1]["timeVerified"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidArgument(f"not what calf says of a replay: {error!r}") from None


def check_replays(
    reproduced: Mapping[str, Any], statements: Sequence[Statement], key: PublicKey
) -> Iterator[str]:
    """What is wrong with what a proof says of replays: whatever is as it should be must be signed."""
    by_job = {statement.job: statement for statement in statements}
    good = set()
    for told in reproduced["jobs"]:
        job, result = told["job"], told["result"]
        if result not in LEVELS:
            continue
        if job not in by_job:
            yield f"replay of {job}: that is no job of the chain"
        elif wrong := _wrong(told.get("signed"), result, by_job[job], key):
            yield f"replay of {job}: {wrong}"
        else:
            good.add(job)
    if bool(reproduced["ok"]) != (good == by_job.keys()):
        yield "the proof says something else of the replays as a whole than of each"


def _wrong(signed: Any, result: str, statement: Statement, key: PublicKey) -> str:
    if signed is None:
        return f"that it was {result} is signed by nobody"
    try:
        replay = read_replay(open_signed(signed, key).payload)
    except InvalidArgument as error:
        return error.message
    if replay.of != statement.of:
        return f"what is signed is about another statement, on {replay.of.uri}"
    return "" if replay.result == result else f"the proof says {result}, and what is signed {replay.result}"
