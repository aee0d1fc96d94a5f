"""Explanations: what a job would do and why, where a file comes from, how to run a datum by hand."""

from __future__ import annotations

from calf.pps.explain.debugging import DatumKit, debug_datum
from calf.pps.explain.differences import Difference
from calf.pps.explain.plan import Plan, PlannedDatum, Reason, plan, plan_pipeline
from calf.pps.explain.why import Origin, why

__all__ = [
    "DatumKit",
    "Difference",
    "Origin",
    "Plan",
    "PlannedDatum",
    "Reason",
    "debug_datum",
    "plan",
    "plan_pipeline",
    "why",
]
