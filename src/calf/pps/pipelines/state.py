"""How a pipeline is, from what it runs in, what it is given, and whether it is stopped."""

from __future__ import annotations

from calf.db import pipelines
from calf.db.tx import Tx
from calf.model.errors import NotFound, Precondition
from calf.model.ports import Images
from calf.model.pps_infos import Image, PipelineInfo
from calf.model.spec import PipelineSpec
from calf.model.states import PipelineState
from calf.pfs.transaction import Txn
from calf.pps.engine import Pps
from calf.pps.secrets.giving import lacking

NO_COMMAND = "invalid pipeline transform, no command specified"
TRIED_AGAIN = "; tried again in "
"""Ends the reason of a pipeline whose stage stands, or would: the engine starts it again by itself."""


def find_image(images: Images, spec: PipelineSpec) -> tuple[Image | None, str]:
    """The image of a spec, pinned; or None and why it cannot be had."""
    if spec.transform is None:
        return None, "the pipeline has no transform"
    try:
        return images.resolve(spec.transform.image), ""
    except (NotFound, Precondition) as error:
        return None, f"{error.message}; {error.hint}" if error.hint else error.message


def judge(pps: Pps, tx: Tx, spec: PipelineSpec, pinned: Image | None = None) -> tuple[Image | None, str]:
    """The image of a spec, unless it is `pinned` already; and what its stage lacks, empty for nothing."""
    return _judged(tx, spec, _look(pps, spec, pinned))


def _look(pps: Pps, spec: PipelineSpec, pinned: Image | None) -> tuple[Image | None, str]:
    """The image alone; a container engine may take its time to say."""
    return (pinned, pps.images.changed(pinned)) if pinned else find_image(pps.images, spec)


def _judged(tx: Tx, spec: PipelineSpec, seen: tuple[Image | None, str]) -> tuple[Image | None, str]:
    image, why = seen
    return image, why or (lacking(tx, spec.transform) if spec.transform else "")


def state_of(spec: PipelineSpec, why: str, stopped: bool) -> tuple[PipelineState, str]:
    """State and reason, given `why` its stage cannot start. Stopping hides that, since nothing is tried."""
    if stopped:
        return PipelineState.PAUSED, ""
    if spec.transform is None or not spec.transform.cmd:
        return PipelineState.FAILURE, NO_COMMAND
    return (PipelineState.CRASHING, why) if why else (PipelineState.RUNNING, "")


def is_down(info: PipelineInfo) -> bool:
    """Whether a pipeline crashes for what its standing stage did, and not for want of what it runs in."""
    return info.state is PipelineState.CRASHING and TRIED_AGAIN in info.reason


def retry_images(pps: Pps) -> None:
    """Let pipelines that wait for their image go on if it is there now, and as it should be.

    Costs one look when none waits. No transaction is open while images are looked at.
    """
    with pps.pfs.read() as tx:
        waiting = [info for info in pipelines.in_state(tx, PipelineState.CRASHING) if not is_down(info)]
    if not waiting:
        return
    seen = [(info, _look(pps, info.spec, info.image)) for info in waiting]
    with pps.pfs.read() as tx:
        news = [
            (info, looked)
            for info, looked in seen
            if _judged(tx, info.spec, looked) != (info.image, info.reason)
        ]
    if not news:
        return
    with pps.pfs.transaction() as txn:
        for info, looked in news:
            now = pipelines.get(txn.tx, info.pipeline)
            if now and (now.version, now.state, now.image) == (info.version, info.state, info.image):
                _pin(txn, now, _judged(txn.tx, now.spec, looked))


def pin(pps: Pps, txn: Txn, info: PipelineInfo) -> None:
    """Look for what the current version needs, pin its image if it was not, and say how the pipeline is.

    One whose stage is down for reasons of its own stays so: only that stage can tell that it stands.
    """
    _pin(txn, info, judge(pps, txn.tx, info.spec, info.image))


def _pin(txn: Txn, info: PipelineInfo, judged: tuple[Image | None, str]) -> None:
    image, why = judged
    if image and not info.image:
        pipelines.pin_image(txn.tx, info, image)
    if is_down(info) and not why and not info.stopped:
        return
    state, reason = state_of(info.spec, why, info.stopped)
    if (state, reason) != (info.state, info.reason):
        pipelines.set_state(txn.tx, info.pipeline, state, reason, info.stopped)
        txn.record("pipeline-changed", info.pipeline)
