"""Pipeline specs as values, and strict parsing of them."""

from __future__ import annotations

from calf.model.spec.errors import FieldError
from calf.model.spec.inputs import (
    CronInput,
    Cross,
    Group,
    Input,
    Join,
    PfsInput,
    PropagationSpec,
    Union,
    leaves,
    sources,
)
from calf.model.spec.pipeline import REPROCESS_EVERY_JOB, REPROCESS_UNTIL_SUCCESS, PipelineSpec

__all__ = [
    "REPROCESS_EVERY_JOB",
    "REPROCESS_UNTIL_SUCCESS",
    "CronInput",
    "Cross",
    "FieldError",
    "Group",
    "Input",
    "Join",
    "PfsInput",
    "PipelineSpec",
    "PropagationSpec",
    "Union",
    "leaves",
    "sources",
]
