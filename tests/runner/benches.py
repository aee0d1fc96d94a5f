"""Fixtures that run commands as datums; the conftests of `runner` and `security` take them from here."""

from __future__ import annotations

import itertools
import os
import resource
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from calf.kit.cancel import CancelToken
from calf.model.content import Content
from calf.model.ports import DatumRun, InputFile, Outcome, Worker, WorkerSpec
from calf.model.pps_infos import Image
from calf.model.refs import Pipeline
from calf.rpc.worker_api import serve_worker_api
from calf.runner.backends import BACKENDS
from calf.runner.capture import Limits
from calf.runner.engine import SandboxRunner, open_runner
from calf.runner.view import View, host_view
from calf.storage.store import Store
from tests.runner.suite import each_backend, each_isolated

HOST = Image("host", "sha256:host", "host")


@dataclass
class Bench:
    """Runs commands as datums and keeps what they print."""

    runner: SandboxRunner
    store: Store
    isolation: str
    workers: list[Worker] = field(default_factory=list)
    lines: list[tuple[str, bool]] = field(default_factory=list)

    def inputs(self, files: Mapping[str, bytes]) -> tuple[InputFile, ...]:
        with self.store.writer() as writer:
            made = tuple(InputFile(path, writer.content(data)) for path, data in files.items())
            writer.seal()
        return made

    def worker(self, *cmd: str, **spec: object) -> Worker:
        whole = WorkerSpec(Pipeline("default", "p"), HOST, cmd, isolation=self.isolation)
        worker = self.runner.worker(replace(whole, **spec))
        self.workers.append(worker)
        return worker

    def datum(
        self,
        worker: Worker,
        files: Mapping[str, bytes] | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 20.0,
        cancel: CancelToken | None = None,
        followed: bool = False,
    ) -> Outcome:
        run = DatumRun("d1", env or {}, self.inputs(files or {}), timeout, followed=followed)
        return worker.run(run, lambda line, user: self.lines.append((line, user)), cancel or CancelToken())

    def sh(self, script: str, files: Mapping[str, bytes] | None = None, **spec: object) -> Outcome:
        return self.datum(self.worker("sh", "-c", script, **spec), files)

    def python(self, script: str, files: Mapping[str, bytes] | None = None, **spec: object) -> Outcome:
        return self.datum(self.worker("python3", "-c", script, **spec), files)

    def read(self, outcome: Outcome) -> dict[str, bytes]:
        assert outcome.ok, (outcome.reason, self.said())
        return {entry.path: self.bytes(entry.content) for entry in outcome.output}

    def bytes(self, content: Content) -> bytes:
        return b"".join(self.store.read(content))

    def said(self) -> str:
        return "\n".join(line for line, user in self.lines if user)

    def noted(self) -> str:
        return "\n".join(line for line, user in self.lines if not user)


def descriptors() -> set[int]:
    """Those that are open."""
    with os.scandir("/proc/self/fd") as entries:
        found = {int(entry.name) for entry in entries}
    return {number for number in found if Path(f"/proc/self/fd/{number}").is_symlink()}


@contextmanager
def few_descriptors(left: int) -> Iterator[None]:
    """A block in which this process may open no more than so many files besides those that it has."""
    used, limits = descriptors(), resource.getrlimit(resource.RLIMIT_NOFILE)
    free = (number for number in itertools.count() if number not in used)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next(itertools.islice(free, left, None)), limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def view(_image: Image) -> View:
    return host_view()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(tmp_path_factory.mktemp("store"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory, store: Store) -> SandboxRunner:
    limits = Limits(files=50, size=1 << 20)
    home = tmp_path_factory.mktemp("home")
    return open_runner(home, store, serve_worker_api, view, limits, processes=100)


@pytest.fixture
def open_bench(runner: SandboxRunner, store: Store) -> Iterator[Callable[[str], Bench]]:
    """Makes benches; skips, and says so, where the machine lacks the isolation."""
    benches: list[Bench] = []

    def make(isolation: str) -> Bench:
        backend = next(backend for backend in BACKENDS if backend.name == isolation)
        complaint = runner.detector.complaint(backend)
        if complaint:
            pytest.skip(complaint)
        benches.append(Bench(runner, store, isolation))
        return benches[-1]

    yield make
    for bench in benches:
        for worker in bench.workers:
            worker.close()
    assert runner.workspaces.names() == []


@pytest.fixture(params=each_backend)
def bench(request: pytest.FixtureRequest, open_bench: Callable[[str], Bench]) -> Bench:
    """Every backend of this machine, one after another."""
    return open_bench(request.param)


@pytest.fixture
def best(runner: SandboxRunner, open_bench: Callable[[str], Bench]) -> Bench:
    """The strongest backend of this machine, for what does not depend on the backend."""
    return open_bench(runner.detector.choose("").name)


@pytest.fixture(params=each_isolated)
def isolated(request: pytest.FixtureRequest, open_bench: Callable[[str], Bench]) -> Bench:
    """Those backends that isolate."""
    return open_bench(request.param)
