"""A chain of pipelines under every kind of trouble, at any point between two transactions.

Threads go on as drawn (tests/pps/stepping.py), users meddle, the server crashes. After each step the rows are
whole, every job that ended is what its inputs and its version say, and stays so; once nobody can go on,
nothing waits without a reason. `make state-test` runs more and longer histories.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from calf.db import commits as commit_rows
from calf.db import datums, jobs
from calf.db import pipelines as pipeline_rows
from calf.db.tx import Tx
from calf.model.errors import CalfError, Internal
from calf.model.pps_infos import Counts, JobInfo
from calf.model.refs import Commit, Repo
from calf.model.states import TERMINAL_JOB_STATES, JobState, OriginKind, PipelineState, job_may_become
from calf.pfs import commits, repos
from calf.pfs.commits.closing import finish_by_force
from calf.pfs.transaction import Txn
from calf.pps import pipelines
from calf.pps.jobs import delete, stop
from calf.pps.jobs.removed import forget_jobs_of
from calf.pps.rerunning import run_pipeline
from tests.pps.chain import CHAIN, WORDS, Chain, Weather, counters, pipeline
from tests.pps.laying import master, open_commit, put
from tests.pps.verdicts import Verdicts, key
from tests.state_machines import PARTS, play

MEMORY = Path("/dev/shm")
"""A folder in memory, where there is one: the disk is not what is tested."""
MANY, KEPT = 40, 8
"""From how many commits on the old ones are squashed, and how many data commits stay then."""
PICK = st.integers(0, 63)
NAME = st.sampled_from(CHAIN)
_WATCH = (
    "CREATE TEMP TABLE moves (old INTEGER, new INTEGER, UNIQUE (old, new))",
    """CREATE TEMP TRIGGER watch_states AFTER UPDATE OF state ON main.jobs WHEN OLD.state != NEW.state
       BEGIN INSERT OR IGNORE INTO moves VALUES (OLD.state, NEW.state); END""",
)
"""Beside the rows, which vouch for themselves; gone with the connection."""


class ChainMachine(RuleBasedStateMachine):
    """Hypothesis leaves some rules out of each history, so each holds much that ends or much that goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.clock, self.ids = counters()
        self.weather = Weather()
        self.generation = self.tidied = 0
        self.ended: dict[str, JobInfo] = {}
        self.meddled: set[str] = set()
        self.chain = self.open()
        with self.chain.pfs.transaction() as txn:
            for name in ("in", "side"):
                repos.create(txn, Repo("default", name))
        self.put("side", {"/s": "good"}, "")
        for name in CHAIN:
            self.chain.make(name, 0, update=False)

    def open(self) -> Chain:
        chain = Chain.open(self.folder, self.weather, self.clock, self.ids)
        self.verdicts = Verdicts(chain.pfs.store, self.weather, self.meddled)
        with chain.pfs.db.write() as tx:
            for statement in _WATCH:
                tx.execute(statement)
        return chain

    def teardown(self) -> None:
        try:
            self.weather.full = False
            self.rest()
        finally:
            self.chain.crash()
            shutil.rmtree(self.folder)

    # ---- what users do with data

    @rule(
        name=st.sampled_from("wxyz"), word=st.sampled_from(WORDS), error=st.sampled_from(["", "", "", "torn"])
    )
    def write(self, name: str, word: str, error: str) -> None:
        self.put("in", {f"/{name}": word}, error)

    @rule(name=st.sampled_from("wxyz"))
    def remove(self, name: str) -> None:
        self.put("in", {f"/{name}": None}, "")

    @rule(word=st.sampled_from((None, "good", "good", "bad@c", "recover@c", "slow@c")))
    def write_beside(self, word: str | None) -> None:
        self.put("side", {"/s": word}, "")

    def tidy(self) -> None:
        """Squash some of what is old, if it can be: whatever comes from it goes along."""
        with self.chain.pfs.read() as tx:
            if (tx.value("SELECT count(*) FROM commits") or 0) < MANY:
                return
        self.weather.full = False
        self.chain.conductor.run()  # what is open cannot be squashed
        with self.chain.pfs.read() as tx:
            rows = commit_rows.select(tx, "WHERE r.type = 'user' ORDER BY c.id")[:-KEPT]
        for row in rows[self.tidied % 3 :: 3]:
            self.ask(partial(self.squash, row.commit))
        self.tidied += 1

    @staticmethod
    def squash(commit: Commit, txn: Txn) -> None:
        forget_jobs_of(txn, commits.squash(txn, commit, recursive=True))

    @rule(repo=st.sampled_from(("in", "side")))
    def begin_commit(self, repo: str) -> None:
        self.ask(lambda txn: commits.start(txn, master(repo)))

    def put(self, repo: str, files: dict[str, str | None], error: str) -> None:
        self.tidy()
        put(self.chain.pfs, repo, files, error)

    @rule(
        pick=PICK,
        verb=st.sampled_from(["squash", "drop", "squash_set", "drop_set"]),
        recursive=st.booleans(),
    )
    def remove_commit(self, pick: int, verb: str, recursive: bool) -> None:
        with self.chain.pfs.read() as tx:
            every = [row.commit for row in commit_rows.select(tx, "WHERE r.type = 'user' ORDER BY c.id")]
        chosen = every[-1 - pick % min(8, len(every))]
        args = (chosen.id,) if verb.endswith("_set") else (chosen, recursive)
        self.ask(lambda txn: forget_jobs_of(txn, getattr(commits, verb)(txn, *args)))

    # ---- what users do with pipelines and jobs

    @rule(
        name=NAME,
        code=st.booleans(),
        workers=st.integers(1, 3),
        more=st.sampled_from(
            [
                {},
                {},
                {"reprocess": True},
                {"reprocess_spec": "every_job"},
                {"job_timeout": "3600s"},
                {"image": "away:1"},
                {"autoscaling": True},
            ]
        ),
    )
    def update(self, name: str, code: bool, workers: int, more: dict[str, object]) -> None:
        self.generation += code
        self.meddle_all(name)
        self.chain.images.unknown = {"away:1"}
        self.chain.make(name, self.generation, True, parallelism_spec={"constant": workers}, **more)

    @rule(name=NAME, verb=st.sampled_from(("stop", "start", "start", "delete")))
    def stop_or_start(self, name: str, verb: str) -> None:
        if verb == "start":
            self.ask(lambda txn: pipelines.start(self.chain.pps, txn, pipeline(name)))
        elif verb == "stop":
            self.meddle_all(name)
            self.ask(lambda txn: pipelines.stop(txn, pipeline(name)))
        elif self.ask(lambda txn: pipelines.delete(txn, pipeline(name))):
            self.chain.make(name, self.generation, update=False)

    @rule()
    def all_is_well(self) -> None:
        self.weather.full = False
        self.chain.images.unknown = set()
        for name in CHAIN:
            self.stop_or_start(name=name, verb="start")
        for repo in ("in", "side"):
            if open_commit(self.chain.pfs, repo):
                self.put(repo, {}, "")
        self.fire()

    @rule(pick=PICK, verb=st.sampled_from(("stop", "delete", "finish")))
    def end_job(self, pick: int, verb: str) -> None:
        """Stop or delete it, or finish its output by force."""
        infos = self.jobs() if verb == "delete" else self.unfinished()
        if not infos:
            return
        chosen = infos[-1 - pick % min(8, len(infos))]
        match verb:
            case "stop":
                done = self.ask(lambda txn: stop.stop(txn, chosen.job))
            case "delete":
                done = self.ask(lambda txn: delete.delete(txn, chosen.job))
            case _:
                done = self.ask(lambda txn: finish_by_force(txn, chosen.output_commit))
        if done:
            self.meddled.add(key(chosen))

    @rule(name=NAME, pick=PICK, again=st.booleans())
    def run_apart(self, name: str, pick: int, again: bool) -> None:
        own = [info for info in self.jobs() if info.job.pipeline.name == name]
        job_id = own[-1 - pick % min(8, len(own))].job.id if own and again else ""
        self.ask(lambda txn: run_pipeline(txn, pipeline(name), (), job_id))

    @precondition(lambda self: self.chain.pps.running.attempts())
    @rule(pick=PICK)
    def restart_datum(self, pick: int) -> None:
        attempts = self.chain.pps.running.attempts()
        self.chain.scheduler.restart_datum(attempts[pick % len(attempts)].datum.job, ())

    # ---- what time and machines do

    @rule(stride=PICK, steps=st.integers(1, 60))
    def go_on(self, stride: int, steps: int) -> None:
        """Let several threads go on, in turn or not, as far as they come."""
        for step in range(steps):
            if ready := self.chain.conductor.ready():
                ready[step * stride % len(ready)].go_on()

    @rule(pick=PICK, steps=st.integers(1, 40))
    def let_one_go_on(self, pick: int, steps: int) -> None:
        strands = self.chain.conductor.strands
        strand = strands[pick % len(strands)]
        for _ in range(steps):
            if strand.is_alive() and strand.ready:
                strand.go_on()

    @precondition(lambda self: not self.weather.full)
    @rule()
    def rest(self) -> None:
        self.chain.conductor.run()
        self.nothing_waits_without_reason()

    @rule()
    def fire(self) -> None:
        for alarm in list(self.chain.conductor.alarms):
            alarm.go_off()

    @precondition(lambda self: self.chain.pps.running.attempts())
    @rule(pick=PICK)
    def datum_runs_late(self, pick: int) -> None:
        attempts = self.chain.pps.running.attempts()
        job = attempts[pick % len(attempts)].datum.job
        self.weather.late.add(job.id)
        self.meddled.update(f"{name} {job.id}" for name in CHAIN)

    @rule(full=st.booleans())
    def disk_fills(self, full: bool) -> None:
        self.weather.full = full

    @rule(crash=st.booleans())
    def end_process(self, crash: bool) -> None:
        if crash:
            self.chain.crash()
        else:
            self.weather.full = False
            self.chain.close()
        self.chain = self.open()

    # ---- what must hold

    @invariant()
    def checks_find_nothing(self) -> None:
        assert self.chain.conductor.errors == []
        assert self.chain.reports == []
        assert self.chain.fsck() == []

    @invariant()
    def every_move_was_legal(self) -> None:
        with self.chain.pfs.db.write() as tx:
            moves = tx.all("SELECT old, new FROM moves")
        for old, new in moves:
            assert job_may_become(JobState(old), JobState(new))

    @invariant()
    def jobs_are_as_they_must_be(self) -> None:
        with self.chain.pfs.read() as tx:
            every = jobs.every(tx)
            for info in every:
                if info.state not in TERMINAL_JOB_STATES:
                    assert counts_of(tx, info) == info.counts
                elif key(info) not in self.ended:
                    assert counts_of(tx, info) == info.counts
                    self.verdicts.check_ended(tx, info)
                    self.ended[key(info)] = info
                else:
                    assert self.ended[key(info)] == info, "a job changed after its end"
        self.ended = {key(info): self.ended[key(info)] for info in every if key(info) in self.ended}

    def nothing_waits_without_reason(self) -> None:
        """What must hold when all threads wait for something to change."""
        with self.chain.pfs.read() as tx:
            unfinished = jobs.unfinished(tx)
            open_commits = commit_rows.select(tx, "WHERE c.finished = 0 ORDER BY c.id")
            crashing = pipeline_rows.in_state(tx, PipelineState.CRASHING)
        for info in unfinished:
            assert info.state in {JobState.CREATED, JobState.STARTING}, info
            assert info.reason, info
        assert [strand.name for strand in self.chain.conductor.strands] == ["scheduler"]
        assert self.chain.pps.running.attempts() == []
        if not crashing and all(row.origin is not OriginKind.USER for row in open_commits):
            assert unfinished == []
            assert open_commits == []

    # ---- short ways

    def ask(self, act: Callable[[Txn], object]) -> bool:
        """Do what a user wants; whether it was not refused."""
        try:
            with self.chain.pfs.transaction() as txn:
                act(txn)
        except Internal:
            raise
        except CalfError:
            return False
        return True

    def jobs(self) -> list[JobInfo]:
        with self.chain.pfs.read() as tx:
            return jobs.every(tx)

    def unfinished(self) -> list[JobInfo]:
        with self.chain.pfs.read() as tx:
            return jobs.unfinished(tx)

    def meddle_all(self, name: str) -> None:
        with self.chain.pfs.read() as tx:
            rows = commit_rows.select(tx, "WHERE c.finished = 0 AND r.name = ? ORDER BY c.id", (name,))
        self.meddled.update(f"{name} {row.commit.id}" for row in rows)


def counts_of(tx: Tx, info: JobInfo) -> Counts:
    return datums.counts(tx, jobs.number(tx, info.job) or 0)


@pytest.mark.parametrize("part", PARTS)
def test_whatever_happens_jobs_end_as_their_inputs_and_version_say(part: int) -> None:
    play(ChainMachine, part, examples=8, steps=25)
