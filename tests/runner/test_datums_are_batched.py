"""`datum_batching`: one process asks for datum after datum."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest

from calf.kit.cancel import CancelToken
from calf.kit.errors import Cancelled
from calf.model.ports import Worker
from calf.rpc.worker_api import serve_worker_api
from calf.runner.direct import DirectLine
from calf.runner.engine import open_runner
from calf.runner.plan import Bind
from calf.runner.questions import Questions
from calf.runner.view import View, host_view
from tests.runner.benches import few_descriptors

if TYPE_CHECKING:
    from tests.runner.benches import Bench

BY_GRPC = """
import grpc
channel = grpc.insecure_channel('localhost:' + os.environ['PPS_WORKER_GRPC_PORT'])
call = channel.unary_unary('/pachyderm.worker.Worker/NextDatum')
def encode(error):
    data = error.encode()
    return bytes([10, len(data)]) + data if data else b''
def ask(error):
    return call(encode(error), wait_for_ready=True)
"""
DIRECTLY = """
import socket
worker = socket.socket(socket.AF_UNIX)
worker.connect(short(os.environ['CALF_NEXT_DATUM']))
def ask(error):
    data = error.encode()
    worker.sendall(len(data).to_bytes(4, 'big') + data)
    answer = worker.recv(4, socket.MSG_WAITALL)
    return worker.recv(int.from_bytes(answer, 'big'), socket.MSG_WAITALL).replace(b'\\0', b'\\n')
"""
ASKING = pytest.mark.parametrize("asking", [BY_GRPC, DIRECTLY], ids=["by gRPC", "directly"])


def stage(asking: str) -> str:
    return f"""
import os, pathlib
pfs = pathlib.Path(os.environ.get('CALF_PFS', '/pfs'))
def short(path):
    folder = os.open(os.path.dirname(path), os.O_PATH)
    return f'/proc/self/fd/{{folder}}/' + os.path.basename(path)
{asking}
error, count = '', 0
while True:
    answer = ask(error)
    count += 1
    error = ''
    (order,) = (pfs / 'in').iterdir()
    print('datum', count, order.name, os.getpid(), flush=True)
    exec(order.read_text())
"""


COPY = b"(pfs / 'out' / 'f').write_text(f'{count} {order.name}')"


def grpc_here() -> View:
    """This machine's programs, and the packages of the environment that runs these tests."""
    host = host_view()
    packages = Path(grpc.__file__).parents[1]
    return View((Bind(packages, "/packages"),), {"PYTHONPATH": "/packages"}, host.path)


@contextmanager
def batches(bench: Bench, home: Path) -> Iterator[Bench]:
    runner = open_runner(home, bench.store, serve_worker_api, lambda _image: grpc_here())
    yield replace(bench, runner=runner, workers=(made := []), lines=[])
    for worker in made:
        worker.close()


@pytest.fixture
def everywhere(bench: Bench, tmp_path: Path) -> Iterator[Bench]:
    with batches(bench, tmp_path) as made:
        yield made


@pytest.fixture
def batching(best: Bench, tmp_path: Path) -> Iterator[Bench]:
    with batches(best, tmp_path) as made:
        yield made


@pytest.fixture
def worker(batching: Bench) -> Worker:
    return batching.worker("python3", "-c", stage(DIRECTLY), batching=True)


@ASKING
def test_one_process_runs_all_datums(everywhere: Bench, asking: str) -> None:
    worker = everywhere.worker("python3", "-c", stage(asking), batching=True)
    outcomes = [everywhere.datum(worker, {f"/in/{name}": COPY}) for name in "abc"]
    assert [everywhere.read(outcome) for outcome in outcomes] == [
        {"/f": b"1 a"},
        {"/f": b"2 b"},
        {"/f": b"3 c"},
    ]
    assert len({line.split()[-1] for line in everywhere.said().splitlines()}) == 1


def test_each_set_has_a_process_of_its_own(batching: Bench, worker: Worker) -> None:
    counts = []
    for name in "abc":
        counts.append(batching.read(batching.datum(worker, {f"/in/{name}": COPY}))["/f"])
        if name == "b":
            worker.end_set()
    assert counts == [b"1 a", b"2 b", b"1 c"]


@ASKING
def test_question_that_waits_already_is_answered_at_once(batching: Bench, asking: str) -> None:
    worker = batching.worker("python3", "-c", stage(asking), batching=True)
    batching.datum(worker, {"/in/a": COPY})
    began = time.monotonic()
    batching.datum(worker, {"/in/b": COPY}, timeout=30)
    assert time.monotonic() - began < 5


def test_environment_of_each_datum_is_given(batching: Bench, worker: Worker) -> None:
    order = (
        b"(pfs / 'out' / 'f').write_bytes(b''.join(l for l in answer.split(b'\\n') if b'MARK=' in l)[-6:])"
    )
    for mark in ("one", "two"):
        outcome = batching.datum(worker, {"/in/a": order}, {"ZZ_MARK": mark})
        assert mark.encode() in batching.read(outcome)["/f"]


@ASKING
def test_error_fails_its_datum_and_the_process_goes_on(batching: Bench, asking: str) -> None:
    worker = batching.worker("python3", "-c", stage(asking), batching=True)
    failed = batching.datum(worker, {"/in/a": b"error = 'the photo is broken'"})
    assert (failed.ok, failed.reason) == (False, "the photo is broken")
    assert batching.read(batching.datum(worker, {"/in/b": COPY})) == {"/f": b"2 b"}


def test_error_told_one_way_is_not_that_of_a_datum_ended_the_other_way(batching: Bench) -> None:
    both = f"{BY_GRPC}\nby_grpc = ask\n{DIRECTLY}\ndirectly, ask = ask, by_grpc"
    worker = batching.worker("python3", "-c", stage(both), batching=True)
    assert batching.datum(worker, {"/in/a": b"error = 'broken'"}).reason == "broken"
    assert batching.read(batching.datum(worker, {"/in/b": COPY + b"\nask = directly"})) == {"/f": b"2 b"}


def test_error_that_tells_a_secret_is_masked(batching: Bench) -> None:
    worker = batching.worker("python3", "-c", stage(DIRECTLY), batching=True, masked=(b"sesame",))
    failed = batching.datum(worker, {"/in/a": b"error = 'no entry with sesame'"})
    assert (failed.ok, failed.reason) == (False, "no entry with ***")


def test_process_that_exits_fails_its_datum_and_is_started_anew(batching: Bench, worker: Worker) -> None:
    assert (
        batching.datum(worker, {"/in/a": b"os._exit(0)"}).reason
        == "user code exited prematurely: exit code 0"
    )
    assert (
        batching.datum(worker, {"/in/b": b"os._exit(9)"}).reason
        == "user code exited prematurely: exit code 9"
    )
    assert batching.read(batching.datum(worker, {"/in/c": COPY})) == {"/f": b"1 c"}


def test_process_that_never_asks_is_told_apart(batching: Bench) -> None:
    worker = batching.worker("true", batching=True)
    assert batching.datum(worker).reason == "user code exited prematurely: exit code 0"


def test_process_that_hangs_up_gets_its_next_datum_another_way(batching: Bench, worker: Worker) -> None:
    again = b"worker.close(); worker = socket.socket(socket.AF_UNIX)\n"
    again += b"worker.connect(short(os.environ['CALF_NEXT_DATUM']))"
    assert batching.datum(worker, {"/in/a": again}).ok
    assert batching.read(batching.datum(worker, {"/in/b": COPY})) == {"/f": b"2 b"}


CONNECT_AGAIN = b"""
worker.close()
worker = socket.socket(socket.AF_UNIX)
worker.connect(short(os.environ['CALF_NEXT_DATUM']))
"""


@pytest.mark.parametrize("first", [b"", b"; import select; select.select([worker], [], [])"])
def test_process_that_gives_up_its_question_and_repeats_it_gets_the_datum(
    batching: Bench, worker: Worker, first: bytes
) -> None:
    """Whether it was answered meanwhile or not: it has read nothing of that."""
    batching.datum(worker, {"/in/a": b"worker.sendall(bytes(4))" + first + CONNECT_AGAIN})
    assert batching.read(batching.datum(worker, {"/in/b": COPY})) == {"/f": b"2 b"}
    assert batching.read(batching.datum(worker, {"/in/c": COPY})) == {"/f": b"3 c"}


def test_question_whose_asker_has_gone_is_not_answered_and_can_be_repeated() -> None:
    questions, gone, got = Questions(), CancelToken(), []

    def ask(cancel: CancelToken) -> None:
        with suppress(Cancelled):
            got.append(questions.ask(None, cancel))

    asking = [threading.Thread(target=ask, args=(cancel,)) for cancel in (gone, CancelToken())]
    asking[0].start()
    wait_until(questions.asking)
    gone.cancel()
    asking[0].join()
    assert not questions.answer(("a=1",))
    asking[1].start()
    wait_until(questions.asking)
    assert questions.answer(("a=2",))
    asking[1].join()
    questions.close()
    assert got == [("a=2",)]


def test_question_of_who_had_gone_before_it_was_heard_is_none() -> None:
    """Or it would be answered, and the datum taken for done when it is asked again."""
    questions, gone = Questions(), CancelToken()
    gone.cancel()
    with pytest.raises(Cancelled):
        questions.ask(None, gone)
    assert not questions.asking()
    questions.close()


def wait_until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.001)


def test_who_knocks_while_no_descriptor_is_left_is_let_in_later(tmp_path: Path) -> None:
    line = DirectLine(tmp_path / "line")
    with socket.socket(socket.AF_UNIX) as far:
        far.connect(str(tmp_path / "line"))
        far.sendall(bytes(4))
        began = time.monotonic()
        with few_descriptors(0):
            line.go_on()
        assert (line.question, time.monotonic() - began > 0.01) == (None, True)
        for _ in range(2):
            line.go_on()
    assert line.question == ""
    line.close()


def test_process_that_says_more_than_any_error_is_hung_up_on(batching: Bench, worker: Worker) -> None:
    flood = b"worker.sendall(bytes([255] * 4) + bytes(1 << 22))"
    outcome = batching.datum(worker, {"/in/a": flood})
    assert not outcome.ok
    assert outcome.reason.startswith("user code exited prematurely")


def test_answer_that_nobody_reads_holds_up_nobody(batching: Bench) -> None:
    """A socket holds less than this environment."""
    script = stage(DIRECTLY).replace("answer = ask(error)", "worker.sendall(bytes(4)); time.sleep(60)")
    env = {f"LONG_{number}": "x" * 100_000 for number in range(8)}
    worker = batching.worker("python3", "-c", "import time\n" + script, batching=True, env=env)
    began = time.monotonic()
    assert batching.datum(worker, timeout=0.5).reason == "timed out after 500ms"
    assert time.monotonic() - began < 5


def test_timeout_ends_the_process_and_the_next_datum_gets_a_new_one(batching: Bench, worker: Worker) -> None:
    assert batching.datum(worker, {"/in/a": COPY}).ok
    began = time.monotonic()
    outcome = batching.datum(worker, {"/in/b": b"import time; time.sleep(60)"}, timeout=0.5)
    assert outcome.reason == "timed out after 500ms"
    assert time.monotonic() - began < 5
    assert batching.read(batching.datum(worker, {"/in/c": COPY})) == {"/f": b"1 c"}


def test_cancel_ends_the_process(batching: Bench, worker: Worker) -> None:
    cancel = CancelToken()
    timer = threading.Timer(0.5, cancel.cancel)
    timer.start()
    outcome = batching.datum(worker, {"/in/a": b"import time; time.sleep(60)"}, timeout=0, cancel=cancel)
    timer.join()
    assert outcome.cancelled


def test_output_of_one_datum_is_not_that_of_the_next(batching: Bench, worker: Worker) -> None:
    batching.datum(worker, {"/in/a": b"(pfs / 'out' / 'left').write_text('x'); error = 'no'"})
    assert batching.read(batching.datum(worker, {"/in/b": COPY})) == {"/f": b"2 b"}


def test_lines_belong_to_the_datum_that_printed_them(batching: Bench, worker: Worker) -> None:
    for name in "ab":
        batching.lines.clear()
        batching.datum(worker, {f"/in/{name}": b"print('last words of', order.name, flush=True)"})
        assert batching.said().splitlines()[-1] == f"last words of {name}"


def test_err_cmd_runs_for_each_failed_datum(batching: Bench) -> None:
    err_cmd = ("sh", "-c", "ls /pfs/in")
    worker = batching.worker("python3", "-c", stage(DIRECTLY), batching=True, err_cmd=err_cmd)
    outcome = batching.datum(worker, {"/in/only": b"error = 'no'"})
    assert (outcome.ok, outcome.recovered) == (False, True)
    assert batching.said().splitlines()[-1] == "only"


def test_bad_output_fails_its_datum_only(batching: Bench, worker: Worker) -> None:
    outcome = batching.datum(worker, {"/in/a": b"os.mkfifo(pfs / 'out' / 'p')"})
    assert "named pipe" in outcome.reason
    assert batching.read(batching.datum(worker, {"/in/b": COPY})) == {"/f": b"2 b"}


def test_nothing_of_the_host_but_the_worker_api_is_reachable(batching: Bench, worker: Worker) -> None:
    if worker.isolation == "process":
        pytest.skip("a plain process is not isolated")
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = server.getsockname()
        order = f"import socket\nprint(socket.socket().connect_ex({where}), flush=True)"
        batching.datum(worker, {"/in/a": order.encode()})
    assert batching.said().splitlines()[-1] == str(errno.ECONNREFUSED)
