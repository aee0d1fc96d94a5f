"""No stage starts in an image that is not what its digest says; no job succeeds whose image was changed."""

from __future__ import annotations

from calf.db import jobs, pipelines
from calf.model.errors import IntegrityError
from calf.model.pps_infos import CONTAINER
from calf.model.states import PipelineState
from calf.pps.pipelines.state import retry_images
from calf.pps.scheduler.deadline import pause
from calf.pps.scheduler.work import Work


def wait_until_sound(work: Work) -> None:
    """Wait for the image to be as it should be; the pipeline is CRASHING meanwhile, and says what to do.

    A run of the past (`replay --anyway`) goes on and says so: what it makes is for comparison, and the
    statement about it never holds. Raises `Cancelled`.
    """
    while why := work.pps.images.changed(work.image):
        if _is_detached(work):
            work.log("", why)
            return
        _say(work, why)
        pause(work.cancel, work.shared.retry_after)
        retry_images(work.pps)


def check_still_sound(work: Work) -> None:
    """Raises `IntegrityError` when the image was changed while the job ran: nobody knows what ran then.

    A container engine's image cannot be: it may be gone, or its engine does not answer, and hours of work are
    not lost for that. The job waits for it as if it had not begun. Raises `Cancelled`.
    """
    if work.image.kind == CONTAINER:
        wait_until_sound(work)
        return
    why = work.pps.images.changed(work.image)
    if why and not _is_detached(work):
        raise IntegrityError(f"changed while the job ran: {why}")


def _is_detached(work: Work) -> bool:
    with work.pps.pfs.read() as tx:
        info = jobs.get(tx, work.job)
    return info is not None and info.detached


def _say(work: Work, why: str) -> None:
    with work.pps.pfs.transaction() as txn:
        now = pipelines.get(txn.tx, work.job.pipeline)
        if now is None or now.version != work.pipeline.version or now.stopped:
            return
        if (now.state, now.reason) != (PipelineState.CRASHING, why):
            pipelines.set_state(txn.tx, now.pipeline, PipelineState.CRASHING, why, now.stopped)
            txn.record("pipeline-changed", now.pipeline)
