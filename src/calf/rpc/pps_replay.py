"""What it takes to replay a job, over the wire; the run itself is RunPipeline."""

from __future__ import annotations

from functools import partial

from calf.pps.engine import Pps
from calf.pps.replay import plan_replay as plan
from calf.rpc.call import Call, Handlers
from calf.wire.convert_pps import write_job_info
from calf.wire.convert_refs import read_job, write_commit
from calf.wire.messages import Message, calf_pps


def handlers(pps: Pps) -> Handlers:
    """Our one method."""
    return {"/calf_pps_v1.API/PlanReplay": partial(plan_replay, pps)}


def plan_replay(pps: Pps, request: Message, _call: Call) -> Message:
    """What a job ran on and made, and what of that is not as it was."""
    found = plan(pps, read_job(request.job), packages=request.packages)
    return calf_pps.PlanReplayResponse(
        job=write_job_info(found.job),
        inputs=map(write_commit, found.inputs),
        newest_version=found.newest_version,
        annotations=found.annotations,
        files=found.files,
        size_bytes=found.size,
        faults=[
            calf_pps.ReplayFault(part=it.part, what=it.what, words=it.words, gone=it.gone)
            for it in found.faults
        ],
    )
