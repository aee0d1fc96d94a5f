"""Creating pipelines: from a message (clients up to 2.7) and from JSON (later ones)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from calf.kit.strict_yaml import load_all
from calf.model.errors import InvalidSpec
from calf.model.pps_infos import PipelineInfo
from calf.pps import defaults, pipelines
from calf.pps.engine import Pps
from calf.rpc.call import Call
from calf.wire.convert_pps import write_effective_spec
from calf.wire.documents import to_document
from calf.wire.messages import Message, google
from calf.wire.messages import pps as api


class _DryRun(Exception):
    """Undoes a transaction that was only to show what would come of it."""


def create_pipeline(pps: Pps, request: Message, _call: Call) -> Message:
    """Create or update a pipeline from a message."""
    if not request.HasField("pipeline"):
        raise InvalidSpec("invalid pipeline spec: request.Pipeline cannot be nil")
    _create(pps, to_document(request), api.CreatePipelineV2Request())
    return google.Empty()


def create_pipeline_v2(pps: Pps, request: Message, _call: Call) -> Message:
    """Create or update a pipeline from JSON; answers the effective spec. Flags count from either place."""
    info = _create(pps, read_spec(request.create_pipeline_request_json), request)
    return api.CreatePipelineV2Response(effective_create_pipeline_request_json=write_effective_spec(info))


def read_spec(text: str) -> Mapping[str, object]:
    """The one document of a spec's JSON. Raises `InvalidSpec` in Pachyderm's words."""
    documents = load_all(text, "malformed pipeline spec")
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise InvalidSpec("malformed pipeline spec: it must be one JSON object")
    return documents[0].value


def _create(pps: Pps, document: Mapping[str, object], flags: Message) -> PipelineInfo:
    with suppress(_DryRun), pps.pfs.transaction() as txn:
        wanted = defaults.merged(txn.tx, document)
        info = pipelines.create(
            *(pps, txn, wanted.spec, defaults.user_json(document)),
            update=wanted.update or flags.update,
            reprocess=wanted.reprocess or flags.reprocess,
        )
        if wanted.dry_run or flags.dry_run:
            raise _DryRun
    return info
