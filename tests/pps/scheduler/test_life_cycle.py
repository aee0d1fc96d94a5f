"""Jobs under every kind of trouble: whatever happens in whatever order, the rows tell a legal story."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from calf.db import datums, jobs
from calf.kit.cancel import CancelToken
from calf.model.errors import Internal, WrongState
from calf.model.pps_infos import JobInfo
from calf.model.refs import Pipeline
from calf.model.states import TERMINAL_JOB_STATES, DatumState, JobState, job_may_become
from calf.pps.jobs.move import move
from tests.pps.stages import StageFailed, Visit
from tests.pps.workshop import Workshop

P = Pipeline("default", "p")
BEHAVIOURS = ("good", "fails", "recovers", "hangs")
PICK = st.integers(0, 11)
_WATCH = (
    "CREATE TEMP TABLE moves (old INTEGER, new INTEGER, UNIQUE (old, new))",
    """CREATE TEMP TRIGGER watch_states AFTER UPDATE OF state ON main.jobs WHEN OLD.state != NEW.state
       BEGIN INSERT OR IGNORE INTO moves VALUES (OLD.state, NEW.state); END""",
)
"""Beside the rows, which vouch for themselves; gone with the connection."""


def behave(visit: Visit) -> dict[str, bytes]:
    """Do what the file says; `/pfs/in/x` makes `/x`."""
    ((path, data),) = visit.files.items()
    match data.decode():
        case "fails" | "recovers":
            raise StageFailed("as told")
        case "hangs":
            visit.wait_for(CancelToken())
    return {path.removeprefix("/in"): data}


def rescue(visit: Visit) -> dict[str, bytes]:
    if b"recovers" not in visit.files.values():
        raise StageFailed("no rescue")
    return {}


class LifeCycle(RuleBasedStateMachine):
    """One pipeline with two workers; `wanted`: what each job's commit holds; `touched`: jobs meddled with.

    What is drawn must not depend on how far the engine is, so picks are numbers.
    """

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.files: dict[str, str] = {}
        self.wanted: dict[str, dict[str, str]] = {}
        self.touched: set[str] = set()
        self.workshop = self.open()
        self.workshop.repo("in")
        self.pipeline()

    def open(self) -> Workshop:
        workshop = Workshop.open(self.root, {"behave": behave, "rescue": rescue}, workers=2)
        with workshop.pfs.db.write() as tx:
            for statement in _WATCH:
                tx.execute(statement)
        return workshop.start()

    @rule(name=st.sampled_from("abc"), behaviour=st.sampled_from(BEHAVIOURS))
    def write(self, name: str, behaviour: str) -> None:
        self.files[f"/{name}"] = behaviour
        self.wanted[self.workshop.put("in", {f"/{name}": behaviour}, delete=[f"/{name}"])] = dict(self.files)

    @rule(name=st.sampled_from("abc"))
    def remove(self, name: str) -> None:
        self.files.pop(f"/{name}", None)
        self.wanted[self.workshop.put("in", delete=[f"/{name}"])] = dict(self.files)

    @rule()
    def update(self) -> None:
        self.touched.update(info.job.id for info in self.unfinished())
        self.pipeline(update=True)

    def pipeline(self, update: bool = False) -> None:
        made = self.workshop.pipeline(
            "p",
            stage="behave",
            transform={"err_cmd": ["rescue"]},
            update=update,
            datum_tries=1,
            datum_timeout="0.01s",
            parallelism_spec={"constant": 2},
        )
        self.wanted[made] = dict(self.files)

    @rule(pick=PICK)
    def stop(self, pick: int) -> None:
        unfinished = self.unfinished()
        if not unfinished:
            return
        info = unfinished[pick % len(unfinished)]
        self.workshop.stop_job("p", info.job.id)
        if self.workshop.wait("p", info.job.id).state is JobState.KILLED:  # else it was faster
            self.touched.add(info.job.id)

    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        if every := self.workshop.jobs("p"):
            chosen = every[pick % len(every)].job
            self.workshop.delete_job("p", chosen.id)
            self.wanted.pop(chosen.id)

    @rule()
    def crash(self) -> None:
        self.workshop.close()
        self.workshop = self.open()

    @rule(pick=PICK, state=st.sampled_from(JobState))
    def move_illegally(self, pick: int, state: JobState) -> None:
        every = self.workshop.jobs("p")
        if not every:
            return
        chosen = every[pick % len(every)].job
        with self.workshop.pfs.transaction() as txn:
            before = jobs.get(txn.tx, chosen)
            if before is None or job_may_become(before.state, state):
                return
            try:
                move(txn, before, state)
                raise AssertionError(f"{before.state} became {state}")
            except (Internal, WrongState):
                assert jobs.get(txn.tx, chosen) == before

    @rule()
    def complete_again(self) -> None:
        with self.workshop.pfs.transaction() as txn:
            for info in jobs.of_pipeline(txn.tx, P):
                number = jobs.number(txn.tx, info.job) or 0
                ran = list(datums.ran(txn.tx, info.job, number))
                again = [replace(datum, state=DatumState.FAILED, reason="late") for datum in ran]
                assert datums.record(txn.tx, number, again) == []
                assert list(datums.ran(txn.tx, info.job, number)) == ran

    @rule()
    def settle(self) -> None:
        for info in self.workshop.jobs("p"):
            ended = self.workshop.wait("p", info.job.id)
            if info.job.id not in self.touched:
                self.check_result(ended)

    def check_result(self, info: JobInfo) -> None:
        wanted = self.wanted[info.job.id]
        bad = {"fails", "hangs"} & set(wanted.values())
        assert info.state is (JobState.FAILURE if bad else JobState.SUCCESS), info
        if not bad:
            good = {path: text for path, text in wanted.items() if text == "good"}
            assert self.workshop.files("p", info.job.id) == good
            assert info.counts.recovered == len(wanted) - len(good)

    @invariant()
    def checks_find_nothing(self) -> None:
        assert self.workshop.fsck() == []
        assert self.workshop.reports == []

    @invariant()
    def every_move_was_legal(self) -> None:
        with self.workshop.pfs.db.write() as tx:
            moves = tx.all("SELECT old, new FROM moves")
        for old, new in moves:
            assert job_may_become(JobState(old), JobState(new))

    def unfinished(self) -> list[JobInfo]:
        return [info for info in self.workshop.jobs("p") if info.state not in TERMINAL_JOB_STATES]

    def teardown(self) -> None:
        if hasattr(self, "workshop"):
            self.settle()
            self.checks_find_nothing()
            self.workshop.close()
            shutil.rmtree(self.root)


TestLifeCycle = LifeCycle.TestCase
TestLifeCycle.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
