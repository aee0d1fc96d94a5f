"""Collecting a proof from a server: all statements of a chain, and what the server found in reading again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from calf.model.errors import IntegrityError, InvalidArgument, NotFound
from calf.model.statement.dsse import read_envelope
from calf.model.statement.proof import VERSION, check_proof, read_key, sources_of
from calf.model.statement.reading import Statement
from calf.model.statement.replays import LEVELS
from calf.model.statement.summary import read_summary
from calf.views.statements import Signed, ask_for_statement, commit_of
from calf.wire.messages import Message, calf, google

if TYPE_CHECKING:
    from calf.client.connection import Client

NOT_REPLAYED = "not replayed"

Replay = Callable[[Statement], Mapping[str, Any]]
"""Replays the job of a statement and gives `result`, `detail` and, for a good one, `signed`."""


def collect(client: Client, commit: Message, replay: Replay | None = None) -> dict[str, Any]:
    """The proof about a commit; with `replay`, what came of running each job of its chain again.

    Raises what the server answers, and `IntegrityError` when what it says does not fit together.
    """
    verified, verdict = verify(client, commit)
    chain = list(read_chain(client, verdict.commit))
    statements = [signed.statement for signed in chain]
    summary = json.loads(verdict.summary)
    proof: dict[str, Any] = {
        "v": VERSION,
        "commit": statements[0].of.uri,
        "files": dict(read_summary(read_envelope(summary).payload).files),
        "verified": verified,
        "reproduced": _replay_all(replay, statements) if replay else None,
        "sources": sources_of(statements),
        "statements": [signed.envelope for signed in chain],
        "summary": summary,
        "key": client.call("/calf_v1.Attestation/PublicKey", google.Empty()).pem,
    }
    wrong = next(check_proof(proof, read_key(proof), None), "") if verified["ok"] else ""
    if wrong:
        raise IntegrityError(f"the server's statements do not fit together: {wrong}", "`pachctl fsck`")
    return proof


def verify(client: Client, commit: Message) -> tuple[dict[str, Any], Message]:
    """What the server finds about a commit, as proofs have it, and its verdict with the signed summary."""
    problems: list[str] = []
    request = calf.VerifyRequest(commit=commit, summarise=True)
    for response in client.call("/calf_v1.Attestation/Verify", request):
        if response.WhichOneof("body") == "finding":
            problems.append(f"{response.finding.uri}: {response.finding.text}")
        elif response.WhichOneof("body") == "verdict":
            verdict = response.verdict
            told = {"statements": verdict.statements, "files": verdict.files, "bytes": verdict.size_bytes}
            return {"ok": verdict.ok, **told, "problems": problems}, verdict
    raise IntegrityError("the server's answer ends without a verdict")


def read_chain(client: Client, commit: Message) -> Iterator[Signed]:
    """The statement about a commit, and those about all that it was made from; each once, nearest first.

    They are read, not trusted; what is wrong with them or missing, the verification tells.
    """
    first = ask_for_statement(client, commit)
    yield first
    waiting, seen = [first], {first.statement.sha256}
    while waiting:
        for claim in waiting.pop(0).statement.materials:
            if not claim.statement or claim.statement in seen:
                continue
            seen.add(claim.statement)
            with suppress(NotFound, InvalidArgument):
                found = ask_for_statement(client, commit_of(claim.uri))
                yield found
                waiting.append(found)


def _replay_all(replay: Replay, statements: Sequence[Statement]) -> dict[str, Any]:
    """What came of each job, the first to run first; all is well only if each was replayed."""
    jobs = [{"job": statement.job, **replay(statement)} for statement in reversed(statements)]
    return {"ok": all(job["result"] in LEVELS for job in jobs), "jobs": jobs}
