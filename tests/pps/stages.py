"""A runner whose stages are Python functions: the second implementation of the runner's port."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock

from calf.kit.cancel import CancelToken
from calf.model.content import Entry
from calf.model.errors import NotFound, Precondition
from calf.model.limits import NOTHING, Limit
from calf.model.ports import Cancel, DatumRun, Log, Outcome, Worker, WorkerSpec
from calf.model.pps_infos import Image, ImageFault, Stats
from calf.model.statement.facts import ImageFacts, Machine
from calf.model.statement.signing import Signer
from calf.pps.attest.attestor import Attestor
from calf.storage.store import Store


class StageFailed(Exception):
    """What a stage raises to end like a process that exits 1."""


class Stopped(Exception):
    """Ends a stage that waits; raised inside it by `Visit.wait_for`."""


@dataclass(frozen=True)
class Visit:
    """What a stage sees of one attempt: files below /pfs, environment; and how to talk: as the stage (`say`),
    or as what runs it (`note`).
    """

    spec: WorkerSpec
    run: DatumRun
    files: Mapping[str, bytes]
    say: Callable[[str], None]
    note: Callable[[str], None]
    cancel: Cancel

    @property
    def env(self) -> dict[str, str]:
        return {**self.spec.env, **self.run.env}

    def wait_for(self, gate: CancelToken) -> None:
        """Work like a slow process: until the gate is opened (`gate.cancel()`), the time-out or a kill."""
        woken = Event()
        forget = gate.on_cancel(woken.set), self.cancel.on_cancel(woken.set)
        in_time = woken.wait(self.run.timeout or None)
        for each in forget:
            each()
        if self.cancel.cancelled or not in_time:
            raise Stopped


Stage = Callable[[Visit], Mapping[str, bytes]]
"""Takes a visit, gives what stands below /pfs/out by path (`/a/b`)."""


@dataclass
class StageRunner:
    """Implements `ports.Runner`; `spec.cmd[0]` names the stage. Counts how often each datum was attempted.

    With a `refusal` it makes no workers and says that.
    """

    store: Store
    stages: dict[str, Stage]
    attempts: dict[str, int] = field(default_factory=dict)
    most_at_once: int = 0
    open_workers: int = 0
    sets: int = 0
    refusal: str = ""
    _now: int = 0
    _lock: Lock = field(default_factory=Lock)

    def worker(self, spec: WorkerSpec) -> Worker:
        if self.refusal:
            raise Precondition(self.refusal)
        with self._lock:
            self.open_workers += 1
        return StageWorker(self, spec)

    def attempted(self, datum_id: str, step: int) -> None:
        with self._lock:
            if step > 0:
                self.attempts[datum_id] = self.attempts.get(datum_id, 0) + 1
            self._now += step
            self.most_at_once = max(self.most_at_once, self._now)

    def ended_set(self) -> None:
        with self._lock:
            self.sets += 1

    def closed(self) -> None:
        with self._lock:
            self.open_workers -= 1


@dataclass
class StageWorker:
    runner: StageRunner
    spec: WorkerSpec
    isolation: str = "process/python"
    limits: tuple[Limit, ...] = (Limit("processes", "7", NOTHING),)

    def run(self, datum: DatumRun, log: Log, cancel: Cancel) -> Outcome:
        self.runner.attempted(datum.datum_id, 1)
        try:
            return self._attempt(datum, log, cancel)
        finally:
            self.runner.attempted(datum.datum_id, -1)

    def end_set(self) -> None:
        self.runner.ended_set()

    def close(self) -> None:
        self.runner.closed()

    def _attempt(self, datum: DatumRun, log: Log, cancel: Cancel) -> Outcome:
        store = self.runner.store
        files = {file.path: b"".join(store.read(file.content)) for file in datum.inputs}
        says = (lambda line: log(line, True)), (lambda line: log(line, False))
        visit = Visit(self.spec, datum, files, *says, cancel)
        try:
            written = self.runner.stages[self.spec.cmd[0]](visit)
        except Stopped:
            if cancel.cancelled:
                return Outcome(False, "cancelled", cancelled=True)
            return self._failed(visit, f"timed out after {datum.timeout:g}s")
        except StageFailed as failure:
            return self._failed(visit, str(failure))
        with store.writer(datum.hold) as writer:
            into = datum.into or writer
            output = tuple(Entry(path, datum.datum_id, into.stream([data])) for path, data in written.items())
            writer.seal()
        size = sum(map(len, files.values()))
        return Outcome(True, output=output, stats=Stats(download_bytes=size, process_time=0.5))

    def _failed(self, visit: Visit, reason: str) -> Outcome:
        recovered = False
        if self.spec.err_cmd:
            try:
                self.runner.stages[self.spec.err_cmd[0]](visit)
                recovered = True
            except StageFailed:
                recovered = False
        return Outcome(
            False, reason, recovered=recovered, exit_code=1, stats=Stats(process_time=visit.run.timeout)
        )


class AnyImage:
    """Implements `ports.Images`: knows every name but those in `unknown`; a digest follows from the name.

    They are all of one `kind`, but for those in `stand_ins`, which the machine itself stands in for.
    """

    def __init__(self) -> None:
        self.unknown: set[str] = set()
        self.kind = "stage"
        self.stand_ins = {"host"}
        self.faults: list[ImageFault] = []

    def resolve(self, name: str) -> Image:
        if name in self.unknown:
            raise NotFound(f"image {name} not found", "build it")
        return Image(name, f"digest of {name}", "host" if name in self.stand_ins else self.kind)

    def changed(self, image: Image) -> str:
        return "; ".join(fault.words for fault in self.faults)

    def examine(self, image: Image, *, packages: bool = False) -> tuple[ImageFault, ...]:
        if image.name in self.unknown:
            raise NotFound(f"image {image.digest} is not on this machine any more", "build it again")
        return tuple(self.faults)

    def describe(self, image: Image) -> ImageFacts:
        return ImageFacts({"/app/main.py": "00" * 32}, ("tiny==1.0",), "3.11")


ATTESTOR = Attestor(Signer(bytes(32)), Machine("a processor", ("avx", "sse4_1"), "Linux", "0"))
"""Signs with a key that everybody knows."""


def copy(visit: Visit) -> dict[str, bytes]:
    """Copy every input file to the same path below /pfs/out, without the input's name."""
    return {"/" + path.split("/", 2)[2]: data for path, data in visit.files.items()}


def fail(_visit: Visit) -> dict[str, bytes]:
    raise StageFailed("exit code 1")


def nothing(_visit: Visit) -> dict[str, bytes]:
    return {}
