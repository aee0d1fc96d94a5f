"""Pipelines that are not there, with the name that was probably meant."""

from __future__ import annotations

from calf.db import pipelines
from calf.db.tx import Tx
from calf.kit.nearest import nearest
from calf.model.errors import NotFound
from calf.model.not_found import pipeline_not_found
from calf.model.refs import Pipeline


def missing_pipeline(tx: Tx, pipeline: Pipeline) -> NotFound:
    """What to raise for a pipeline that is not there."""
    names = [
        known.name for info in pipelines.all_(tx) if (known := info.pipeline).project == pipeline.project
    ]
    return pipeline_not_found(pipeline, nearest(pipeline.name, names))
