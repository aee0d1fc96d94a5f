"""A plan as a message, for those who ask for it and for dry runs."""

from __future__ import annotations

from calf.pps.explain import Plan
from calf.wire.convert_refs import write_commit
from calf.wire.messages import Message, calf


def write_plan(found: Plan) -> Message:
    """A PlanSummary."""
    return calf.PlanSummary(
        version=found.version,
        base_job=found.base_job,
        total=len(found.datums),
        run=found.run,
        skip=len(found.datums) - found.run,
        remove=found.removed,
        reasons=[calf.PlanReason(part=it.part, detail=it.detail, datums=it.datums) for it in found.reasons],
        commits=[write_commit(commit) for commit in found.commits],
        unknown=found.unknown,
    )
