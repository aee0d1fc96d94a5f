"""What a client transaction may hold: requests as they are stored, and the methods that they stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from calf.model.errors import CalfError, InvalidArgument, Unimplemented
from calf.rpc.call import Call, Handlers
from calf.wire.documents import from_document
from calf.wire.gathered import FIELDS
from calf.wire.messages import Message, pps, transaction

_PIPELINE = "/pps_v2.API/CreatePipeline"
_PIPELINE_V2 = "/pps_v2.API/CreatePipelineV2"
_START = "/pfs_v2.API/StartCommit"


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a transaction: a method by path, and its request message."""

    path: str
    request: Message


def read_step(stored: Message) -> Step:
    """The step behind a `TransactionRequest`. Raises `InvalidArgument` unless exactly one field is set."""
    found = [path for path, field in FIELDS.items() if stored.HasField(field)]
    if len(found) != 1:
        raise InvalidArgument("unrecognized transaction request type")
    path = found[0]
    request = getattr(stored, FIELDS[path])
    return _read_pipeline(request) if path == _PIPELINE_V2 else Step(path, request)


def write_step(step: Step, response: Message) -> Message:
    """The `TransactionRequest` of a step that answered `response` when it was tried."""
    stored = transaction.TransactionRequest()
    body = _write_pipeline(step.request, response) if step.path == _PIPELINE_V2 else step.request
    getattr(stored, FIELDS[step.path]).CopyFrom(body)
    return stored


def write_response(step: Step, response: Message) -> Message:
    """The `TransactionResponse` of a step: only a started commit says anything."""
    if step.path == _START:
        return transaction.TransactionResponse(commit=response)
    return transaction.TransactionResponse()


def run_steps(handlers: Handlers, steps: Sequence[Step], call: Call) -> list[Message]:
    """Run steps in order, in the caller's transaction, and give their responses.

    The error of a step says which one it was; the caller must let it undo everything.
    """
    responses = []
    for number, step in enumerate(steps, start=1):
        handler = handlers.get(step.path, _unimplemented)
        try:
            responses.append(handler(step.request, replace(call, method=step.path, transaction="")))
        except CalfError as error:
            error.message = f"error running request {number} of {len(steps)}: {error.message}"
            raise
    return responses


def _unimplemented(_request: Message, call: Call) -> NoReturn:
    raise Unimplemented(f"unknown method {call.method}")


def _read_pipeline(stored: Message) -> Step:
    request = stored.create_pipeline_request
    if not stored.user_json:
        return Step(_PIPELINE, request)
    again = pps.CreatePipelineV2Request(
        create_pipeline_request_json=stored.user_json, update=request.update, reprocess=request.reprocess
    )
    return Step(_PIPELINE_V2, again)


def _write_pipeline(request: Message, response: Message) -> Message:
    effective = response.effective_create_pipeline_request_json
    parsed = from_document(json.loads(effective), pps.CreatePipelineRequest(), lenient=True)
    parsed.update, parsed.reprocess = request.update, request.reprocess
    return pps.CreatePipelineTransaction(
        create_pipeline_request=parsed,
        user_json=request.create_pipeline_request_json,
        effective_json=effective,
    )
