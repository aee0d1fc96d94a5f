"""Stopping and starting pipelines (spec C5)."""

from __future__ import annotations

from dataclasses import replace

from calf.db import pipelines
from calf.model.refs import Pipeline
from calf.model.states import PipelineState
from calf.pfs.transaction import Txn
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import STOPPED
from calf.pps.jobs.stop import stop_all
from calf.pps.missing import missing_pipeline
from calf.pps.pipelines.state import pin
from calf.pps.pipelines.wiring import unwire, wire

PIPELINE_STOPPED = "pipeline-stopped"
"""The kind of event by which a stage that stands learns of a stop, even of one that is over already."""


def stop(txn: Txn, pipeline: Pipeline) -> None:
    """Pause: kill unfinished jobs, and make no more commits for what happens to the inputs.

    Raises `NotFound`; a stopped pipeline stays as it is.
    """
    info = pipelines.get(txn.tx, pipeline)
    if info is None:
        raise missing_pipeline(txn.tx, pipeline)
    if info.stopped:
        return
    unwire(txn, info.spec)
    stop_all(txn, pipeline, STOPPED)
    pipelines.set_state(txn.tx, pipeline, PipelineState.PAUSED, "", stopped=True)
    txn.record(PIPELINE_STOPPED, pipeline)


def start(pps: Pps, txn: Txn, pipeline: Pipeline) -> None:
    """Go on: one job on the current inputs, whatever happened in between.

    Raises `NotFound`; a pipeline that is not stopped stays as it is.
    """
    info = pipelines.get(txn.tx, pipeline)
    if info is None:
        raise missing_pipeline(txn.tx, pipeline)
    if info.stopped:
        wire(txn, info.spec)
        pipelines.set_state(txn.tx, pipeline, PipelineState.STARTING, "", stopped=False)
        pin(pps, txn, replace(info, stopped=False, state=PipelineState.STARTING))
