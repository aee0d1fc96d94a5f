"""Garbage is collected while jobs run, between any two of their transactions: none loses what it needs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from calf.db import commits as commit_rows
from calf.db import jobs
from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError, IntegrityError
from calf.model.refs import Repo
from calf.pfs import commits, fsck, repos
from calf.pfs.sweeping import sweep
from calf.pps import checks
from calf.pps.jobs import delete
from calf.pps.jobs.removed import forget_jobs_of
from calf.pps.scheduler import publish
from calf.storage.holds import Holds
from calf.storage.sweeping import Policy
from tests.pps.chain import CHAIN, Chain, Weather, counters, pipeline
from tests.pps.laying import put
from tests.pps.stepping import Conductor

HISTORIES = int(os.environ.get("SWEEP_HISTORIES", "4"))
SEED = os.environ.get("SWEEP_SEED", "")
EVENTS = 60
EAGER = Policy(sparse=0.0, small=1 << 30, several=2, limit=2000)


class YieldingHolds(Holds):
    """A sweep in the test's own thread lets strands go on that are looking."""

    conductor: Conductor

    def _wait_for(self, looks: set[object]) -> None:
        self.conductor.run(lambda: not looks & self._looks)


def opened(root: Path, weather: Weather, numbers: tuple[object, object]) -> Chain:
    chain = Chain.open(root, weather, *numbers)  # type: ignore[arg-type] # as counters() gives them
    holds = YieldingHolds()
    holds.conductor = chain.conductor
    object.__setattr__(chain.pfs.store._shelf, "holds", holds)
    return chain


def collect(chain: Chain, _draw: Random) -> None:
    for _ in sweep(chain.pfs, CancelToken(), policy=EAGER):
        pass


def write(chain: Chain, draw: Random) -> None:
    word = draw.choice(["good", "good", "good", "bad@b", "slow@a", None])
    put(chain.pfs, "in", {f"/{draw.choice('xyz')}": word})


def write_beside(chain: Chain, draw: Random) -> None:
    put(chain.pfs, "side", {"/s": draw.choice(["good", "slow@c"])})


def remove(chain: Chain, draw: Random) -> None:
    with chain.pfs.read() as tx:
        rows = commit_rows.select(tx, "WHERE r.type = 'user' ORDER BY c.id")
    take_away = draw.choice([commits.squash, commits.drop])
    with chain.pfs.transaction() as txn:
        forget_jobs_of(txn, take_away(txn, draw.choice(rows).commit, recursive=True))


def forget_job(chain: Chain, draw: Random) -> None:
    with chain.pfs.read() as tx:
        found = [info.job for name in CHAIN for info in jobs.of_pipeline(tx, pipeline(name))]
    if found:
        with chain.pfs.transaction() as txn:
            delete.delete(txn, draw.choice(found))


def update(chain: Chain, draw: Random) -> None:
    chain.make(draw.choice(CHAIN), draw.randrange(3), update=True)


def go_on(chain: Chain, draw: Random) -> None:
    for _ in range(draw.choice([1, 3, 10, 40])):
        ready = chain.conductor.ready()
        if ready:
            draw.choice(ready).go_on()


Act = Callable[[Chain, Random], None]
USERS: tuple[Act, ...] = (write, write, write_beside, remove, remove, forget_job, update)


def found_in(chain: Chain) -> list[str]:
    every = [*fsck.checks(chain.pfs, verify=True), *checks.checks(chain.pfs)]
    return [str(violation) for violation in fsck.run(chain.pfs, every)]


def losses(chain: Chain) -> list[str]:
    with chain.pfs.read() as tx:
        every = tx.all("SELECT reason FROM jobs UNION ALL SELECT reason FROM runs")
    return [reason for (reason,) in every if "cannot be read" in reason]


@pytest.mark.parametrize("number", range(HISTORIES))
def test_no_job_loses_anything_to_a_sweep(tmp_path: Path, number: int) -> None:
    seed = SEED or f"{os.urandom(4).hex()}/{number}"
    draw, weather, numbers = Random(seed), Weather(), counters()
    chain = opened(tmp_path, weather, numbers)
    with chain.pfs.transaction() as txn:
        for name in ("in", "side"):
            repos.create(txn, Repo("default", name))
    put(chain.pfs, "side", {"/s": "good"})
    for name in CHAIN:
        chain.make(name, 0, update=False)
    for _ in range(EVENTS):
        act = draw.choice([go_on, go_on, collect, draw.choice(USERS)])
        try:
            act(chain, draw)
        except IntegrityError:
            raise
        except CalfError:
            pass
        if draw.random() < 0.02:
            chain.crash()
            chain = opened(tmp_path, weather, numbers)
    chain.conductor.run()
    assert (chain.conductor.errors, chain.reports, losses(chain), found_in(chain)) == ([], [], [], []), seed
    collect(chain, draw)
    assert found_in(chain) == [], seed
    chain.crash()


def test_a_sweep_asks_for_no_output_that_is_yet_to_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take it for damage, and give nothing back; `make load-test` found it."""
    chain = opened(tmp_path, Weather(), counters())
    build, swept = publish._outcomes, list[str]()

    def build_beside_a_sweep(*given: Any) -> Any:
        collect(chain, Random(0))
        swept.append("")
        return build(*given)

    monkeypatch.setattr(publish, "_outcomes", build_beside_a_sweep)
    with chain.pfs.transaction() as txn:
        for name in ("in", "side"):
            repos.create(txn, Repo("default", name))
    put(chain.pfs, "side", {"/s": "good"})
    put(chain.pfs, "in", {"/x": "good"})
    for name in CHAIN:
        chain.make(name, 0, update=False)
    chain.conductor.run()
    assert swept
    assert (chain.conductor.errors, chain.reports, losses(chain), found_in(chain)) == ([], [], [], [])
    chain.crash()
