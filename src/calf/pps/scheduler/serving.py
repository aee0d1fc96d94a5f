"""The course of a service's job: its stage serves one commit's data until a newer commit takes its place."""

from __future__ import annotations

from dataclasses import replace

from calf.db import datums, jobs
from calf.model.errors import Cancelled
from calf.model.ports import DatumRun, Outcome
from calf.model.pps_infos import Counts, JobInfo
from calf.model.states import TERMINAL_JOB_STATES, JobState
from calf.pfs import commits
from calf.pfs.transaction import Txn
from calf.pps.jobs.end import end_badly
from calf.pps.jobs.move import current, move, save
from calf.pps.pipelines.ports import port_of
from calf.pps.scheduler import environment
from calf.pps.scheduler.attempt import Ended
from calf.pps.scheduler.begin import begin
from calf.pps.scheduler.deadline import forever
from calf.pps.scheduler.layout import input_files
from calf.pps.scheduler.record import record
from calf.pps.scheduler.standing import Standing, keep_up
from calf.pps.scheduler.work import Task, Work

ONE_DATUM = "services must have a single datum"
_TO_SUCCESS = (JobState.STARTING, JobState.RUNNING, JobState.FINISHING, JobState.SUCCESS)


def serve(work: Work) -> None:
    """Serve until another job takes over (SUCCESS). Raises `Cancelled` when the job was ended otherwise."""
    tasks = list(begin(work).values())
    if len(tasks) > 1:
        with work.pps.pfs.transaction() as txn:
            end_badly(txn, current(txn, work.job), JobState.FAILURE, ONE_DATUM)
        work.log("", f"{ONE_DATUM}: use the glob /")
        return
    try:
        if tasks:
            _stand(work, tasks[0])
        else:
            _say(work, "there is nothing to serve yet: the inputs are empty")
            forever(work.cancel)
    except Cancelled:
        if not work.superseded.is_set():
            raise
    if tasks:
        record(work, [Ended(tasks[0], Outcome(ok=True), _isolation(work))])
    with work.pps.pfs.transaction() as txn:
        info = jobs.get(txn.tx, work.job)
        if info is not None and info.state not in TERMINAL_JOB_STATES:
            end_well(txn, info)


def end_unserved(txn: Txn, info: JobInfo) -> None:
    """End a service's job that a newer one overtook before its stage stood."""
    number = jobs.number(txn.tx, info.job)
    if number is not None:
        datums.put_list(txn.tx, number, ())
    end_well(txn, save(txn, replace(info, counts=Counts())))


def end_well(txn: Txn, info: JobInfo) -> None:
    """Take a service's job through the states that are left to SUCCESS; its output commit stays empty."""
    place = _TO_SUCCESS.index(info.state) + 1 if info.state in _TO_SUCCESS else 0
    for state in _TO_SUCCESS[place:]:
        if state is JobState.SUCCESS:
            commits.set_root(txn, info.output_commit, None)  # whatever came before, which may be open still
            commits.finish(txn, info.output_commit, force=True)
        info = move(txn, info, state)


def _stand(work: Work, task: Task) -> None:
    datum_id = task.datum.id
    run = DatumRun(
        datum_id=datum_id,
        env=environment.of_datum(work.job, datum_id, task.inputs),
        inputs=tuple(input_files(work, task.inputs)),
    )
    stage = Standing(
        shared=work.shared,
        info=work.pipeline,
        run=run,
        log=lambda line, user: work.log(datum_id, line, user, endless=True),
        begins=lambda isolation: _note_isolation(work, isolation),
        say=lambda reason: _say(work, reason),
    )
    port = port_of(work.spec)
    keep_up(stage, work.cancel, f"serving at 127.0.0.1:{port.external}" if port else "serving")


def _isolation(work: Work) -> str:
    with work.pps.pfs.transaction() as txn:
        return current(txn, work.job).isolation


def _note_isolation(work: Work, isolation: str) -> None:
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        if info.isolation != isolation:
            save(txn, replace(info, isolation=isolation))


def _say(work: Work, reason: str) -> None:
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        if info.state is JobState.RUNNING and info.reason != reason:
            save(txn, replace(info, reason=reason))
