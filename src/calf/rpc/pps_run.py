"""Running pipelines on commits of the past, over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Event

from calf.kit.cancel import CancelToken
from calf.model.errors import Precondition
from calf.model.pps_infos import JobInfo
from calf.pps import scratch
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import catch_up
from calf.pps.rerunning import run_pipeline as run
from calf.rpc.call import Call, Handlers
from calf.wire.convert_refs import read_commit_ref, read_pipeline, write_job
from calf.wire.messages import Message, calf_pps, google


def handlers(pps: Pps) -> Handlers:
    """Pachyderm's method, and ours that say which job it is."""
    return {
        "/pps_v2.API/RunPipeline": partial(run_pipeline, pps),
        "/calf_pps_v1.API/RunPipeline": partial(run_pipeline_and_tell, pps),
        "/calf_pps_v1.API/TryPipeline": partial(try_pipeline, pps),
    }


def run_pipeline(pps: Pps, request: Message, _call: Call) -> Message:
    """Make a job on the commits given; the list of jobs tells which."""
    _run(pps, request)
    return google.Empty()


def run_pipeline_and_tell(pps: Pps, request: Message, _call: Call) -> Message:
    """Make a job on the commits given, or on those of a former job."""
    return calf_pps.RunPipelineResponse(job=write_job(_run(pps, request).job))


def try_pipeline(pps: Pps, request: Message, call: Call) -> Iterator[Message]:
    """The same for as long as the client stays, however it leaves; then job and commits go."""
    made = _run(pps, request, in_scratch=True).job
    try:
        yield calf_pps.RunPipelineResponse(job=write_job(made))
        _wait_until_gone(call.cancel)
    finally:
        scratch.drop(pps.pfs, made.id)


def _wait_until_gone(client: CancelToken) -> None:
    gone = Event()
    forget = client.on_cancel(gone.set)
    gone.wait()
    forget()


def _run(pps: Pps, request: Message, *, in_scratch: bool = False) -> JobInfo:
    catch_up(pps.pfs)
    given = [read_commit_ref(commit) for commit in request.provenance]
    with pps.pfs.transaction() as txn:
        made = run(txn, read_pipeline(request.pipeline), given, request.job_id)
        if made.image and not request.job_id and (why := pps.images.changed(made.image)):
            raise Precondition(why)
        if in_scratch:
            scratch.note(txn, made.job.id)
        return made
