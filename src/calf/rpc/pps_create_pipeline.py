"""Creating pipelines: from a message (clients up to 2.7) and from JSON (later ones)."""

from __future__ import annotations

import json
from contextlib import suppress

from calf.kit.strict_yaml import load_all
from calf.model.errors import InvalidSpec
from calf.model.pps_infos import PipelineInfo
from calf.model.spec import PipelineRequest, parse_request
from calf.pps import pipelines
from calf.pps.engine import Pps
from calf.rpc.call import Call
from calf.wire.documents import to_document
from calf.wire.messages import Message, google
from calf.wire.messages import pps as api

_FLAGS = ("update", "reprocess", "dry_run")


class _DryRun(Exception):
    """Undoes a transaction that was only to show what would come of it."""


def create_pipeline(pps: Pps, request: Message, _call: Call) -> Message:
    """Create or update a pipeline from a message."""
    if not request.HasField("pipeline"):
        raise InvalidSpec("invalid pipeline spec: request.Pipeline cannot be nil")
    document = to_document(request)
    user_json = json.dumps({key: value for key, value in document.items() if key not in _FLAGS})
    _create(pps, parse_request(document), user_json)
    return google.Empty()


def create_pipeline_v2(pps: Pps, request: Message, _call: Call) -> Message:
    """Create or update a pipeline from JSON; answers the effective spec. Flags count from either place."""
    text = request.create_pipeline_request_json
    documents = load_all(text, "malformed pipeline spec")
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise InvalidSpec("malformed pipeline spec: it must be one JSON object")
    given = parse_request(documents[0].value)
    wanted = PipelineRequest(
        spec=given.spec,
        update=given.update or request.update,
        reprocess=given.reprocess or request.reprocess,
        dry_run=given.dry_run or request.dry_run,
    )
    info = _create(pps, wanted, text)
    return api.CreatePipelineV2Response(effective_create_pipeline_request_json=info.effective_spec_json)


def _create(pps: Pps, wanted: PipelineRequest, user_json: str) -> PipelineInfo:
    with suppress(_DryRun), pps.pfs.transaction() as txn:
        info = pipelines.create(
            pps, txn, wanted.spec, user_json, update=wanted.update, reprocess=wanted.reprocess
        )
        if wanted.dry_run:
            raise _DryRun
    return info
