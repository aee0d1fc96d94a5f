"""The course of a service's job: its stage serves one commit's data until a newer commit takes its place."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from threading import Event

from calf.db import jobs
from calf.model.errors import CalfError, Cancelled
from calf.model.limits import Limit, in_force
from calf.model.ports import DatumRun, Outcome, Worker
from calf.model.pps_infos import JobInfo
from calf.model.states import JobState
from calf.pfs import commits
from calf.pfs.transaction import Txn
from calf.pps.attest.attesting import attest, look
from calf.pps.jobs.end import end_badly
from calf.pps.jobs.move import current, move, save, unfinished
from calf.pps.pipelines.ports import port_of
from calf.pps.pipelines.state import TRIED_AGAIN
from calf.pps.scheduler import environment
from calf.pps.scheduler.attempt import Ended
from calf.pps.scheduler.begin import begin
from calf.pps.scheduler.deadline import forever
from calf.pps.scheduler.desk import Taken
from calf.pps.scheduler.layout import input_files
from calf.pps.scheduler.listing import list_all
from calf.pps.scheduler.record import record
from calf.pps.scheduler.standing import Standing, keep_up, note
from calf.pps.scheduler.work import Task, Work

OVERTAKEN = "a newer commit took its place before its stage stood"
ONE_DATUM = "services must have a single datum"
_TO_SUCCESS = (JobState.STARTING, JobState.RUNNING, JobState.FINISHING, JobState.SUCCESS)


def serve(work: Work) -> None:
    """Serve until another job takes over: SUCCESS, or KILLED if the stage never stood.

    Raises `Cancelled` when the job was ended otherwise.
    """
    listing, stood = list_all(work), Event()
    begin(work, listing)
    tasks = list(listing.known.values())
    if len(tasks) != 1:
        _note_up(work)
    if len(tasks) > 1:
        with work.pps.pfs.transaction() as txn:
            end_badly(txn, current(txn, work.job), JobState.FAILURE, ONE_DATUM)
        work.log("", f"{ONE_DATUM}: use the glob /")
        return
    try:
        if tasks:
            _stand(work, tasks[0], stood)
        else:
            _say(work, "there is nothing to serve yet: the inputs are empty", stands=True)
            forever(work.cancel)
    except Cancelled:
        if not work.superseded.is_set():
            _note_up(work)
            raise
    if tasks and not stood.is_set():
        with work.pps.pfs.transaction() as txn:
            info = unfinished(txn.tx, work.job)
            if info is not None:
                end_unserved(txn, info)
        return
    if tasks:
        record(work, Taken([Ended(tasks[0], Outcome(ok=True), *_in_force(work))], ()))
    facts = look(work)
    with work.pps.pfs.transaction() as txn:
        info = unfinished(txn.tx, work.job)
        if info is not None:
            attest(work, txn, end_well(txn, info), facts)


def end_unserved(txn: Txn, info: JobInfo) -> None:
    """End a service's job that a newer one overtook before its stage stood: nobody was served."""
    trouble = f" ({info.reason.partition(TRIED_AGAIN)[0]})" if TRIED_AGAIN in info.reason else ""
    end_badly(txn, info, JobState.KILLED, OVERTAKEN + trouble)


def end_well(txn: Txn, info: JobInfo) -> JobInfo:
    """Take a service's job through the states that are left to SUCCESS; its output commit stays empty."""
    place = _TO_SUCCESS.index(info.state) + 1 if info.state in _TO_SUCCESS else 0
    for state in _TO_SUCCESS[place:]:
        if state is JobState.SUCCESS:
            commits.set_root(txn, info.output_commit, None)  # whatever came before, which may be open still
            commits.finish(txn, info.output_commit, force=True)
        info = move(txn, info, state)
    return info


def _stand(work: Work, task: Task, stood: Event) -> None:
    datum_id, port = task.datum.id, port_of(work.spec)
    upright = f"serving at 127.0.0.1:{port.external}" if port else "serving"
    run = DatumRun(
        datum_id=datum_id,
        env=environment.of_datum(work.job, datum_id, task.inputs),
        inputs=tuple(input_files(work, task.inputs)),
    )
    stage = Standing(
        shared=work.shared,
        info=work.pipeline,
        run=run,
        log=partial(_hear, work, datum_id, upright),
        begins=partial(_note_isolation, work),
        say=lambda reason, stands: _say(work, reason, stands),
        stood=stood,
    )
    keep_up(stage, work.cancel, upright)


def _hear(work: Work, datum_id: str, upright: str, line: str, user: bool) -> None:
    """Log a line; if it says whether the stage answers at its port, so does the job from then on."""
    work.log(datum_id, line, user, endless=True)
    port = port_of(work.spec)
    if user or port is None or line not in (port.silent, port.heard):
        return
    try:
        _say(work, upright if line == port.heard else f"{upright}, but {line}", stands=True)
    except CalfError as error:  # a full disk: it stands in the log
        work.shared.report(f"service {work.job}", error)


def _in_force(work: Work) -> tuple[str, tuple[Limit, ...]]:
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        return info.isolation, info.limits


def _note_isolation(work: Work, worker: Worker) -> None:
    limits = in_force(work.spec, worker.limits)
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        if (info.isolation, info.limits) != (worker.isolation, limits):
            save(txn, replace(info, isolation=worker.isolation, limits=limits))


def _say(work: Work, reason: str, stands: bool) -> None:
    with work.pps.pfs.transaction() as txn:
        info = jobs.get(txn.tx, work.job)
        if info is None or info.state is not JobState.RUNNING:
            return
        if info.reason != reason:
            save(txn, replace(info, reason=reason))
        if not info.detached:
            note(txn, work.pipeline, "" if stands else reason, stands)


def _note_up(work: Work) -> None:
    """Nothing is to stand for now, so that nothing is down."""
    with work.pps.pfs.transaction() as txn:
        info = jobs.get(txn.tx, work.job)
        if info is not None and not info.detached:
            note(txn, work.pipeline, "", stands=True)
