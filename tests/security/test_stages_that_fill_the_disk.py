"""A stage takes what its spec allows of the disk, and never what the server needs."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calf.kit.cancel import CancelToken
from calf.model.ports import Cancel, DatumRun, Log, Outcome, Worker, WorkerSpec
from calf.model.refs import Pipeline
from calf.runner.disk import WatchedWorker
from tests.runner.benches import HOST
from tests.runner.test_datums_are_batched import COPY, DIRECTLY, batches, stage
from tests.storage.small_disk import run_on_small_disk

if TYPE_CHECKING:
    from tests.runner.benches import Bench

MIB = 1 << 20
MANY_FILES = """
import os, time
for folder in (os.environ["TMPDIR"], "/pfs/out"):
    for number in range(30):
        with open(f"{folder}/{number}", "wb") as file:
            file.write(bytes(1 << 20))
print("written", flush=True)
time.sleep(60)
"""


def test_one_file_stops_at_the_limit(bench: Bench) -> None:
    outcome = bench.sh('head -c 3M /dev/zero >"$TMPDIR/f"; exit $?', disk=MIB)
    # by a signal, or, where the tools around the stage ignore that one, by an error
    assert outcome.reason in {
        "killed: disk limit 1MiB, which a file would have gone over",
        "exit code 1; disk limit 1MiB was reached",
    }


def test_a_program_that_complains_itself_is_told_of_the_limit(best: Bench) -> None:
    outcome = best.python("open('/tmp/f', 'wb').write(bytes(3 << 20))", disk=MIB)
    assert outcome.reason == "exit code 1; disk limit 1MiB was reached"
    assert "File too large" in best.said()


def test_many_files_are_counted_together_and_end_the_datum_soon(best: Bench) -> None:
    outcome = best.python(MANY_FILES, disk=40 * MIB)
    assert outcome.reason.startswith("killed: disk limit 40MiB, and ")
    assert outcome.reason.endswith("MiB lie in /pfs/out and /tmp")
    assert not outcome.cancelled
    assert not outcome.output


def test_what_it_filled_is_given_back_and_the_next_datum_runs(best: Bench) -> None:
    worker = best.worker("sh", "-c", 'test -n "$(ls /pfs/in)" || head -c 3M /dev/zero >/tmp/f', disk=MIB)
    assert not best.datum(worker).ok
    assert best.datum(worker, {"/in/f": b"x"}).ok


def test_a_batching_stage_is_ended_and_begun_anew(best: Bench, tmp_path: Path) -> None:
    fill = b"import time\nfor n in '12345678': (pfs / 'out' / n).write_bytes(bytes(1 << 20))\ntime.sleep(60)"
    with batches(best, tmp_path) as bench:
        worker = bench.worker("python3", "-c", stage(DIRECTLY), batching=True, disk=4 * MIB)
        assert bench.datum(worker, {"/in/a": COPY}).ok
        assert "disk limit 4MiB" in bench.datum(worker, {"/in/b": fill}).reason
        assert bench.read(bench.datum(worker, {"/in/c": COPY})) == {"/f": b"1 c"}


class Late:
    """A worker that is not done with what a datum left until the guard has looked at it."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.isolation, self.limits = worker.isolation, worker.limits
        self.end_set, self.close = worker.end_set, worker.close

    def run(self, datum: DatumRun, log: Log, cancel: Cancel) -> Outcome:
        outcome = self._worker.run(datum, log, cancel)
        if any(file.path == "/in/b" for file in datum.inputs):
            looked = threading.Event()
            cancel.on_cancel(looked.set)
            assert looked.wait(20)
        return outcome


def test_a_batching_stage_that_asks_before_it_is_ended_is_begun_anew(best: Bench, tmp_path: Path) -> None:
    """It would miss what it had in /tmp."""
    with batches(best, tmp_path) as bench:
        inner = bench.worker("python3", "-c", stage(DIRECTLY), batching=True)
        assert isinstance(inner, WatchedWorker)
        spec = WorkerSpec(Pipeline("default", "p"), HOST, (), disk=MIB)
        worker = WatchedWorker(Late(inner), bench.runner.disk, inner._workspace, spec)
        assert bench.datum(worker, {"/in/a": COPY}).ok
        fill = b"open('/tmp/f', 'wb').write(bytes(2 << 20))"
        assert "disk limit 1MiB" in bench.datum(worker, {"/in/b": fill}).reason
        assert bench.read(bench.datum(worker, {"/in/c": COPY})) == {"/f": b"1 c"}


def test_a_hole_takes_nothing_and_what_is_within_the_limit_goes_on(best: Bench) -> None:
    outcome = best.sh(
        "truncate -s 900K /tmp/a; truncate -s 900K /tmp/b; sleep 0.7; echo ok >/pfs/out/f", disk=MIB
    )
    assert best.read(outcome) == {"/f": b"ok\n"}


def test_being_cancelled_from_outside_is_no_verdict(best: Bench) -> None:
    cancel = CancelToken()
    timer = threading.Timer(0.2, cancel.cancel)
    timer.start()
    outcome = best.datum(best.worker("sleep", "60", disk=MIB), cancel=cancel)
    timer.join()
    assert (outcome.cancelled, outcome.reason) == (True, "cancelled")


@pytest.mark.parametrize("way", ["in-out", "nameless"])
def test_the_servers_share_of_a_full_disk_stays_free(tmp_path: Path, way: str) -> None:
    script = Path(__file__).with_name("filling_a_small_disk.py")
    run_on_small_disk(tmp_path / "disk", 400, script, way)
