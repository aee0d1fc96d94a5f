"""Creating pipelines: from a message (clients up to 2.7) and from JSON (later ones)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from calf.model.errors import InvalidSpec, NotFound, Precondition
from calf.model.pps_infos import PipelineInfo
from calf.pps import defaults, explain, pipelines
from calf.pps.engine import Pps
from calf.pps.pipelines.egress import shut
from calf.rpc.call import Call
from calf.rpc.spec_json import read_spec
from calf.rpc.write_plan import write_plan
from calf.wire.convert_pps import write_effective_spec
from calf.wire.documents import to_document
from calf.wire.messages import Message, calf, google
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
    info, plan = _create(pps, read_spec(request.create_pipeline_request_json), request)
    effective = write_effective_spec(info)
    return api.CreatePipelineV2Response(effective_create_pipeline_request_json=effective, calf=plan)


def _create(pps: Pps, document: Mapping[str, object], flags: Message) -> tuple[PipelineInfo, Message | None]:
    """Gives the version, and of a dry run what its first job would do; else only what could never work."""
    plan = None
    _ask_ahead(pps, document)
    with suppress(_DryRun), pps.pfs.transaction() as txn:
        wanted = defaults.merged(txn.tx, document)
        info = pipelines.create(
            *(pps, txn, wanted.spec, defaults.user_json(document)),
            update=wanted.update or flags.update,
            reprocess=wanted.reprocess or flags.reprocess,
        )
        if wanted.dry_run or flags.dry_run:
            plan = write_plan(explain.plan_pipeline(pps, txn.tx, info.pipeline))
            raise _DryRun
        if lost := shut(pps.pfs.remotes, info.spec):
            plan = calf.PlanSummary(version=info.version, unknown=lost)
    return info, plan


def _ask_ahead(pps: Pps, document: Mapping[str, object]) -> None:
    """Have it be found out whether a container engine answers, before the transaction that asks it for the
    image: nobody else writes until that ends. One that hangs is then left alone for a while.
    """
    transform = document.get("transform")
    image = transform.get("image") if isinstance(transform, Mapping) else None
    if isinstance(image, str):
        with suppress(NotFound, Precondition):
            pps.images.resolve(image)
