"""Keeping a stage up that is to run all the time: whenever it ends, it is started again, ever more slowly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calf.kit import durations
from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError
from calf.model.ports import DatumRun, Log, Outcome
from calf.model.pps_infos import PipelineInfo
from calf.pps.scheduler.backoff import backoff
from calf.pps.scheduler.deadline import pause
from calf.pps.scheduler.stage import worker_spec
from calf.pps.scheduler.work import Shared

LONG = 60.0
"""Seconds after which a stage counts as having run well: what happened before is forgotten."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A stage to keep up. `begins` is called before each start, with the isolation in force; `say` with how
    it stands, for users.
    """

    shared: Shared
    info: PipelineInfo
    run: DatumRun
    log: Log
    begins: Callable[[str], None]
    say: Callable[[str], None]


def keep_up(stage: Standing, cancel: CancelToken, upright: str) -> None:
    """Run the stage until cancelled; `upright` is what to say of it while it runs. Raises `Cancelled`.

    Only one stage of a pipeline stands at a time, so that the next finds the port free.
    """
    clock, retry_after = stage.shared.pps.pfs.clock, stage.shared.retry_after
    with stage.shared.standing.hold(stage.info.pipeline):
        delays = backoff(retry_after)
        while True:
            cancel.check()
            began = clock()
            reason = _run(stage, cancel, upright)
            cancel.check()
            if clock() - began > LONG:
                delays = backoff(retry_after)
            delay = next(delays)
            told = f"the stage ended ({reason}); starting again in {durations.format(delay)}"
            stage.log(told, False)
            stage.say(told)
            pause(cancel, delay)


def _run(stage: Standing, cancel: CancelToken, upright: str) -> str:
    """One run, whatever becomes of it: how it ended, in words."""
    try:
        worker = stage.shared.pps.runner.worker(worker_spec(stage.shared.pps, stage.info))
    except CalfError as error:
        return error.message
    try:
        stage.begins(worker.isolation)
        stage.say(upright)
        outcome: Outcome = worker.run(stage.run, stage.log, cancel)
    finally:
        worker.close()
    return outcome.reason or "exit code 0"
