"""Pipeline specs as values, and strict parsing of them."""

from __future__ import annotations

from calf.model.spec.defaults import complete_input, with_defaults
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
    changed_leaves,
    clocks,
    leaves,
    placed_leaves,
    sources,
)
from calf.model.spec.merging import canonical, merge
from calf.model.spec.parsing import PipelineRequest, parse, parse_input, parse_request
from calf.model.spec.pipeline import REPROCESS_EVERY_JOB, REPROCESS_UNTIL_SUCCESS, IdentityRule, PipelineSpec
from calf.model.spec.validate import validate
from calf.model.spec.validate_input import validate_input
from calf.model.spec.writing import input_document, part_document, to_document, to_json

__all__ = [
    "REPROCESS_EVERY_JOB",
    "REPROCESS_UNTIL_SUCCESS",
    "CronInput",
    "Cross",
    "FieldError",
    "Group",
    "IdentityRule",
    "Input",
    "Join",
    "PfsInput",
    "PipelineRequest",
    "PipelineSpec",
    "PropagationSpec",
    "Union",
    "canonical",
    "changed_leaves",
    "clocks",
    "complete_input",
    "input_document",
    "leaves",
    "merge",
    "parse",
    "parse_input",
    "parse_request",
    "part_document",
    "placed_leaves",
    "sources",
    "to_document",
    "to_json",
    "validate",
    "validate_input",
    "with_defaults",
]
