"""A process that waits in its sandbox before its datum is known, and what it is told of it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calf.runner.watch import line
from tests.runner.suite import each_container, each_isolated
from tests.security.test_stages_that_go_too_far import processes_with

if TYPE_CHECKING:
    from tests.runner.benches import Bench

HARD = {
    "raw-data": "raw",
    "with.dots": "it's\n'quoted'\n",
    "OPTIND": "no number",
    "CALF_LINE": "mine",
    "PLAIN": "a\nb 'c' \"d\" \\ $HOME `id` ; exit 3 #\n",
    "WORDS": "āćé 日本 \udcff",
    "EMPTY": "",
}
SHOW = "import json, os; json.dump(dict(os.environ), open('/pfs/out/env', 'w'))"


def test_every_variable_arrives_whatever_its_name_and_value(bench: Bench) -> None:
    worker = bench.worker("python3", "-c", SHOW)
    bench.datum(worker, env={"PLAIN": "of the datum before"})
    seen = json.loads(bench.read(bench.datum(worker, env=HARD))["/env"])
    assert {name: value for name, value in seen.items() if name in HARD} == HARD


def test_every_variable_arrives_in_a_process_that_waited(isolated: Bench) -> None:
    worker = isolated.worker("python3", "-c", SHOW, env={"PLAIN": "of the spec", "of-the-spec": "1"})
    seen = json.loads(isolated.read(isolated.datum(worker, env=HARD))["/env"])
    assert {name: value for name, value in seen.items() if name in HARD} == HARD
    assert seen["of-the-spec"] == "1"
    assert seen["PWD"] == "/"


def test_what_waited_starts_in_the_folder_of_its_own_datum(isolated: Bench) -> None:
    worker = isolated.worker("sh", "-c", "cat f >/pfs/out/f", working_dir="/pfs/in")
    for text in (b"1", b"2"):
        assert isolated.read(isolated.datum(worker, {"/in/f": text}, followed=True)) == {"/f": text}
    refused = isolated.datum(worker, {"/other/f": b"3"})
    assert (refused.ok, "/pfs/in" in isolated.said()) == (False, True)


def test_the_folder_that_it_came_from_is_not_in_its_environment(isolated: Bench) -> None:
    here, there = (isolated.worker("python3", "-c", SHOW, working_dir=folder) for folder in ("/", "/tmp"))
    seen = [json.loads(isolated.read(isolated.datum(worker))["/env"]) for worker in (here, there)]
    assert [each.pop("PWD") for each in seen] == ["/", "/tmp"]
    assert seen[0] == seen[1]


@pytest.fixture(params=[param for param in each_isolated if param not in each_container])
def sandboxed(request: pytest.FixtureRequest, open_bench: Callable[[str], Bench]) -> Bench:
    return open_bench(request.param)


@pytest.fixture(params=each_container)
def contained(request: pytest.FixtureRequest, open_bench: Callable[[str], Bench]) -> Bench:
    return open_bench(request.param)


def test_in_a_container_nothing_waits_beside_a_stage_which_could_reach_it(contained: Bench) -> None:
    mark = f"mark-contained-{os.getpid()}-{contained.isolation}"
    worker = contained.worker("sh", "-c", f": {mark}; true")
    assert processes_with(mark) == []
    assert contained.datum(worker, followed=True).ok
    assert processes_with(mark) == []


def test_what_waits_is_used_for_the_next_datum_and_ends_with_its_worker(sandboxed: Bench) -> None:
    mark = f"mark-waits-{os.getpid()}-{sandboxed.isolation}"
    worker = sandboxed.worker("sh", "-c", f": {mark}; cat /pfs/in/f >/pfs/out/f; echo $in")
    waited = set()
    for text in (b"1", b"2"):
        waited.add(wait_for_one(mark))
        outcome = sandboxed.datum(worker, {"/in/f": text}, {"in": text.decode()}, followed=True)
        assert sandboxed.read(outcome) == {"/f": text}
    assert sandboxed.said() == "1\n2"
    waited.add(wait_for_one(mark))
    sandboxed.datum(worker, {"/in/f": b"3"})
    assert (processes_with(mark), len(waited)) == ([], 3)
    sandboxed.datum(worker, {"/in/f": b"4"}, followed=True)
    wait_for_one(mark)
    worker.close()
    sandboxed.workers.remove(worker)
    assert processes_with(mark) == []


def test_what_waits_and_is_killed_is_replaced(sandboxed: Bench) -> None:
    mark = f"mark-killed-{os.getpid()}-{sandboxed.isolation}"
    worker = sandboxed.worker("sh", "-c", f": {mark}; echo ran")
    waits = wait_for_one(mark)
    child = child_above(waits)
    os.kill(waits, signal.SIGKILL)
    while stat_of(child)[0] != "Z":
        time.sleep(0.001)
    assert sandboxed.datum(worker).ok
    assert sandboxed.said() == "ran"
    assert processes_with(mark) == []


def child_above(pid: int) -> int:
    """The child of this process that it descends from; others have nothing to do with it."""
    while (parent := int(stat_of(pid)[1])) != os.getpid():
        pid = parent
    return pid


def stat_of(pid: int) -> list[str]:
    """The state of a process, its parent, and more."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def wait_for_one(mark: str) -> int:
    """The first process that has it in its command line."""
    while not (found := processes_with(mark)):
        time.sleep(0.001)
    return found[0]


def test_input_of_the_error_handler_is_not_that_of_what_waits(isolated: Bench) -> None:
    worker = isolated.worker(
        "sh", "-c", "cat; exit 1", stdin=("stage",), err_cmd=("cat",), err_stdin=("handler",)
    )
    for _ in range(3):
        assert isolated.datum(worker, followed=True).recovered
    assert isolated.said().split() == ["stage", "handler"] * 3


def test_each_datum_has_memory_files_and_loopback_of_its_own(isolated: Bench) -> None:
    script = (
        "import os, socket\n"
        "print(os.listdir('/dev/shm'), os.listdir('/tmp'))\n"
        "s = socket.socket(); s.bind(('127.0.0.1', 4000)); s.listen()\n"
        "a = socket.socket(socket.AF_UNIX); a.bind('\\0left'); a.listen()\n"
        "open('/dev/shm/left', 'w'); open('/tmp/left', 'w')\n"
        "c = socket.create_connection(('127.0.0.1', 4000)); n, _ = s.accept(); n.close(); c.close()\n"
        "if os.fork() == 0: os.setsid(); os.execlp('sleep', 'sleep', '60')\n"
    )
    worker = isolated.worker("python3", "-c", script)
    assert [isolated.datum(worker, followed=True).ok for _ in range(3)] == [True] * 3
    assert isolated.said().splitlines() == ["[] []"] * 3


@pytest.mark.parametrize("long", ["x" * 100_000, "\n" * 4_000])
def test_an_environment_too_long_to_be_told_is_given_from_the_start(isolated: Bench, long: str) -> None:
    worker = isolated.worker("sh", "-c", "echo ${#LONG}")
    assert isolated.datum(worker, env={"LONG": long}).ok
    assert isolated.said() == str(len(long))


def test_what_cannot_be_told_at_all_is_refused() -> None:
    with pytest.raises(OSError, match="too long"):
        line({}, {"of-no-shell": "x" * 100_000}, "/")
