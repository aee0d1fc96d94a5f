"""What the scheduler sees in one snapshot, and decides from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calf.db import ledger, pipelines
from calf.db.ledger import Event
from calf.db.tx import Tx
from calf.model.pps_infos import PipelineInfo
from calf.model.refs import Job
from calf.model.states import PipelineState
from calf.pps.jobs.catch_up import is_behind
from calf.pps.jobs.move import unfinished
from calf.pps.pipelines.pausing import PIPELINE_STOPPED
from calf.pps.pipelines.state import is_down
from calf.pps.scheduler.plan import Step, plan
from calf.pps.scheduler.spouts import wanted_spouts
from calf.pps.scheduler.timer import Timer


@dataclass(frozen=True, slots=True)
class Look:
    """The state of things at event `seen` of the ledger: steps for jobs, those of the `active` jobs that are
    over, spouts that are to stand. `stops`: of pipelines, since the last that was heeded. `soon`: seconds
    until something is due, None for never. `lacking`: some pipeline lacks its image or a secret, and no row
    will tell when it is there. `behind`: there are jobs to make or to end first.
    """

    seen: int
    soon: float | None
    lacking: bool
    behind: bool
    steps: list[Step]
    over: list[Job]
    spouts: list[PipelineInfo]
    stops: list[Event]

    @property
    def is_late(self) -> bool:
        """Whether something comes before all steps."""
        return self.soon == 0.0 or self.lacking or self.behind


def look(tx: Tx, timer: Timer, active: Iterable[Job], heeded: int) -> Look:
    """See what there is to do; `heeded` is the last stop of a pipeline that was heeded."""
    return Look(
        seen=ledger.last(tx),
        soon=timer.soon(),
        lacking=not all(is_down(info) for info in pipelines.in_state(tx, PipelineState.CRASHING)),
        behind=is_behind(tx),
        steps=list(plan(tx)),
        over=[job for job in active if not unfinished(tx, job)],
        spouts=wanted_spouts(tx),
        stops=ledger.of_kind(tx, PIPELINE_STOPPED, heeded),
    )
