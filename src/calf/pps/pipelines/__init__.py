"""Pipelines: making them, new versions, stopping, starting, deleting, and asking about them."""

from __future__ import annotations

from calf.pps.pipelines.create import create, effective_spec, rerun
from calf.pps.pipelines.delete import delete, delete_several
from calf.pps.pipelines.inspect import PipelineQuery, inspect, list_
from calf.pps.pipelines.pausing import start, stop
from calf.pps.pipelines.state import retry_images

__all__ = [
    "PipelineQuery",
    "create",
    "delete",
    "delete_several",
    "effective_spec",
    "inspect",
    "list_",
    "rerun",
    "retry_images",
    "start",
    "stop",
]
