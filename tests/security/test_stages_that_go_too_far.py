"""Hogs, floods, forks, orphans, stubborn processes: kept to their datum, ended in time, named rightly."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calf.kit.cancel import CancelToken
from calf.model.ports import DatumRun
from calf.runner.cgroup import Groups

if TYPE_CHECKING:
    from tests.runner.benches import Bench

MIB = 1 << 20
EACH_ALONE = ", memory limit of each process"


def processes_with(mark: str) -> list[int]:
    """Processes of this machine, zombies aside, that have `mark` in their command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if mark.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


@pytest.fixture
def mark(request: pytest.FixtureRequest) -> str:
    return f"mark-{os.getpid()}-{abs(hash(request.node.nodeid))}"


@pytest.mark.sample
def test_memory_hog_does_not_get_it_and_is_told_its_limit(bench: Bench) -> None:
    worker = bench.worker("python3", "-c", "x = bytearray(512 << 20)", memory=64 * MIB)
    outcome = bench.datum(worker)
    if worker.isolation.endswith(EACH_ALONE):
        assert (outcome.ok, "MemoryError" in bench.said()) == (False, True)
    else:
        assert outcome.reason == "killed: memory limit 64MiB"


def test_memory_hog_below_a_shell_is_told_too(bench: Bench) -> None:
    worker = bench.worker("sh", "-c", "python3 -c 'x = bytearray(512 << 20)'; exit 7", memory=64 * MIB)
    outcome = bench.datum(worker)
    if worker.isolation.endswith(EACH_ALONE):
        assert (outcome.reason, "MemoryError" in bench.said()) == ("exit code 7", True)
    else:
        assert outcome.reason == "killed: memory limit 64MiB"


def test_shared_memory_counts_as_memory_unless_the_limit_is_told_to_be_of_processes(isolated: Bench) -> None:
    worker = isolated.worker("sh", "-c", "head -c 300M /dev/zero >/dev/shm/f", memory=64 * MIB)
    outcome = isolated.datum(worker)
    assert outcome.ok == worker.isolation.endswith(EACH_ALONE)
    if not outcome.ok:
        assert outcome.reason == "killed: memory limit 64MiB"


def test_without_control_groups_the_limit_holds_for_each_process_and_that_is_said(best: Bench) -> None:
    site = replace(best.runner.site, groups=Groups("calf-none-", 100, allowed=False))
    bench = replace(best, runner=replace(best.runner, site=site), lines=[])
    worker = bench.worker("python3", "-c", "x = bytearray(512 << 20)", memory=64 * MIB)
    assert worker.isolation.endswith(EACH_ALONE)
    outcome = bench.datum(worker)
    assert outcome.reason == "exit code 1"
    assert "MemoryError" in bench.said()
    assert "memory limit 64MiB holds for each process alone" in bench.noted()


def test_fork_bomb_is_contained_and_leaves_nothing(isolated: Bench, mark: str) -> None:
    script = (
        "import os, time\n"
        f"mark = {mark!r}\n"
        "try:\n"
        "    for _ in range(1000):\n"
        "        if os.fork() == 0: time.sleep(60); os._exit(0)\n"
        "except OSError: print('no more', flush=True)\n"
    )
    began = time.monotonic()
    isolated.python(script)
    assert isolated.said() == "no more"
    assert processes_with(mark) == []
    assert time.monotonic() - began < 20


def test_flood_of_output_is_drained_and_counted(bench: Bench) -> None:
    outcome = bench.sh("head -c 30M /dev/zero | tr '\\0' 'x' | fold -w 1000")
    assert outcome.ok
    assert len(bench.said()) < 20 * MIB
    assert bench.noted().splitlines()[-1].endswith("more bytes of output were not kept")


def test_line_without_end_is_cut(bench: Bench) -> None:
    assert bench.sh("head -c 100000 /dev/zero | tr '\\0' x").ok
    assert max(map(len, bench.said().splitlines())) <= 16 * 1024
    assert bench.said().replace("\n", "") == "x" * 100_000


def test_output_that_is_no_text_is_shown_as_far_as_it_goes(bench: Bench) -> None:
    bench.sh("printf 'a\\377b\\n'")
    assert bench.said() == "a\ufffdb"


@pytest.mark.sample
def test_timeout_ends_a_process_that_ignores_signals(bench: Bench, mark: str) -> None:
    script = f": {mark}; trap '' TERM INT HUP; echo there; sleep 60; :"
    began = time.monotonic()
    outcome = bench.datum(bench.worker("sh", "-c", script), timeout=0.75)
    assert time.monotonic() - began < 4
    assert outcome.reason == "timed out after 750ms"
    assert bench.said() == "there"
    assert processes_with(mark) == []


def test_cancel_ends_it_and_says_nothing_about_the_datum(bench: Bench, mark: str) -> None:
    cancel = CancelToken()
    worker = bench.worker("sh", "-c", f"echo {mark}; sleep 60")
    timer = threading.Timer(0.2, cancel.cancel)
    timer.start()
    began = time.monotonic()
    outcome = bench.datum(worker, cancel=cancel, timeout=0)
    timer.join()
    assert time.monotonic() - began < 4
    assert (outcome.ok, outcome.cancelled) == (False, True)
    assert processes_with(mark) == []


def test_work_that_is_cancelled_already_is_not_done(bench: Bench) -> None:
    cancel = CancelToken()
    cancel.cancel()
    assert bench.datum(bench.worker("sleep", "60"), cancel=cancel, timeout=0).cancelled


@pytest.mark.sample
def test_children_that_detach_do_not_outlive_the_datum(bench: Bench, mark: str) -> None:
    script = (
        "import os, signal, time\n"
        f"mark = {mark!r}\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    if os.fork() == 0: time.sleep(60)\n"
        "    os._exit(0)\n"
        "print('done', flush=True)"
    )
    began = time.monotonic()
    assert bench.python(script).ok
    assert time.monotonic() - began < 4
    assert bench.said() == "done"
    assert processes_with(mark) == []


def test_child_that_holds_the_output_does_not_hold_up_the_datum(bench: Bench) -> None:
    began = time.monotonic()
    assert bench.sh("sleep 60 & echo done").ok
    assert time.monotonic() - began < 4
    assert bench.said() == "done"


@pytest.mark.parametrize("end", ["exit", "sleep 60"])
def test_log_that_takes_no_lines_ends_the_process_and_is_told(bench: Bench, mark: str, end: str) -> None:
    def refuse(line: str, user: bool) -> None:
        if user:
            raise RuntimeError("no more paper")

    worker = bench.worker("sh", "-c", f'test "$QUIET" || {{ echo a; echo {mark}; {end}; }}')
    assert bench.datum(worker, env={"QUIET": "yes"}).ok
    before = list(Path("/proc/self/fd").iterdir())
    with pytest.raises(RuntimeError, match="no more paper"):
        worker.run(DatumRun("d1", {}, ()), refuse, CancelToken())
    assert len(list(Path("/proc/self/fd").iterdir())) == len(before)
    assert processes_with(mark) == []
    assert bench.datum(worker, env={"QUIET": "yes"}).ok


def test_rights_taken_away_do_not_stop_the_clean_up(bench: Bench) -> None:
    worker = bench.worker(
        "sh", "-c", 'mkdir -p "$TMPDIR/a/b" && touch "$TMPDIR/a/b/c" && chmod 0 "$TMPDIR/a/b" "$TMPDIR/a"'
    )
    assert bench.datum(worker).ok
    assert bench.datum(worker).ok


def test_named_isolation_is_refused_when_unknown(bench: Bench) -> None:
    with pytest.raises(Exception, match='unknown isolation "bwrap"'):
        bench.worker("true", isolation="bwrap")


@pytest.mark.sample
def test_what_is_not_isolated_says_so(bench: Bench) -> None:
    worker = bench.worker("true")
    bench.datum(worker)
    assert (worker.isolation == "process") == ("not isolated" in bench.noted())
    assert worker.isolation.rpartition("/")[2] == bench.isolation
