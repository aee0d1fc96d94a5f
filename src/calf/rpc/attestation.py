"""Statements over the wire: the one about an output, the verification of a chain, the key for both."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from hashlib import sha256

from calf.model.statement.signing import read_public_key
from calf.pps.attest.chain import Finding
from calf.pps.attest.kept_replays import kept_replays
from calf.pps.attest.replayed import sign_replay
from calf.pps.attest.verifying import Checked, Verdict, statement_about, verify
from calf.pps.engine import Pps
from calf.rpc.call import Call, Handlers
from calf.wire.convert_refs import read_commit_ref, write_commit
from calf.wire.messages import Message, calf
from calf.wire.times import write_time


def handlers(pps: Pps) -> Handlers:
    """All methods about statements."""
    return {
        "/calf_v1.Attestation/Statement": partial(get_statement, pps),
        "/calf_v1.Attestation/SignReplay": partial(get_signed_replay, pps),
        "/calf_v1.Attestation/Replays": partial(get_replays, pps),
        "/calf_v1.Attestation/Verify": partial(verify_commit, pps),
        "/calf_v1.Attestation/PublicKey": partial(get_public_key, pps),
    }


def get_statement(pps: Pps, request: Message, _call: Call) -> Message:
    """The statement about an output, in its envelope."""
    with pps.pfs.read() as tx:
        kept = statement_about(tx, read_commit_ref(request.commit))
    return calf.StatementResponse(envelope=kept.envelope.to_json(), sha256=kept.sha256)


def get_signed_replay(pps: Pps, request: Message, call: Call) -> Message:
    """How the replay of a job came out, in an envelope."""
    recorded, again = read_commit_ref(request.recorded), read_commit_ref(request.again)
    envelope = sign_replay(pps, recorded, again, call.cancel)
    return calf.StatementResponse(envelope=envelope.to_json(), sha256=sha256(envelope.payload).hexdigest())


def get_replays(pps: Pps, request: Message, call: Call) -> Message:
    """What was signed of replays, and kept."""
    found = kept_replays(pps, [read_commit_ref(each) for each in request.commits], call.cancel)
    return calf.ReplaysResponse(
        replays=[
            calf.KeptReplay(
                commit=write_commit(each.commit),
                result=each.result,
                signed=write_time(each.at),
                envelope=each.envelope.to_json(),
            )
            for each in found
        ]
    )


def verify_commit(pps: Pps, request: Message, call: Call) -> Iterator[Message]:
    """What is found about a commit and all that it comes from; the verdict last."""
    key = read_public_key(request.key) if request.key else None
    ref = read_commit_ref(request.commit)
    for item in verify(pps, ref, call.cancel, key=key, summarise=request.summarise):
        yield _write(item)


def get_public_key(pps: Pps, _request: Message, _call: Call) -> Message:
    """The public half of the data folder's key."""
    key = pps.attestor.public
    return calf.PublicKey(pem=key.pem(), keyid=key.keyid)


def _write(item: Finding | Checked | Verdict) -> Message:
    if isinstance(item, Finding):
        return calf.VerifyResponse(finding=calf.Finding(uri=item.uri, text=item.text, damaged=item.damaged))
    if isinstance(item, Checked):
        checked = calf.Checked(uri=item.uri, statement=item.statement, files=item.files, size_bytes=item.size)
        return calf.VerifyResponse(checked=checked)
    verdict = calf.Verdict(
        commit=write_commit(item.commit),
        ok=item.ok,
        statements=item.statements,
        files=item.files,
        size_bytes=item.size,
        keyid=item.keyid,
        summary=item.summary.to_json() if item.summary else b"",
    )
    return calf.VerifyResponse(verdict=verdict)
