"""Three pipelines in a chain whose datums do what their files say, on an engine that goes step by step.

`a` reads `in`, `b` reads `a`, `c` reads `b` beside the whole of `side`. A file says one word, `verb@pipeline`
or `good`; every stage that it passes adds its name and generation. So what a job has to end as, and what it
has to write, follows from its input commits and its version alone, however it came there.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from calf.model.errors import NoSpace
from calf.model.ports import LogStore
from calf.model.refs import Pipeline
from calf.model.spec import parse
from calf.pfs import fsck, projects
from calf.pfs.engine import Pfs
from calf.pps import checks, pipelines
from calf.pps.attest.checking import attest_checks
from calf.pps.engine import Pps
from calf.pps.scheduler.loop import Scheduler
from calf.pps.settings import Settings
from calf.storage.holds import Hold
from calf.storage.store import Store
from tests.pfs.world import uuid_like
from tests.pps.stages import ATTESTOR, AnyImage, StageFailed, StageRunner, Stopped, Visit
from tests.pps.stepping import Conductor, SteppedDatabase

CHAIN = ("a", "b", "c")
READS = {"a": ("in",), "b": ("a",), "c": ("b", "side")}
VERBS = ("bad", "recover", "flaky", "slow", "clash")
WORDS = ("good",) * 8 + tuple(f"{verb}@{name}" for verb in VERBS for name in CHAIN)


def verbs(name: str, texts: list[str]) -> set[str]:
    """What a datum with these texts does in a pipeline."""
    words = (text.split()[0].partition("@") for text in texts)
    return {verb for verb, _, where in words if where == name}


@dataclass
class Weather:
    """What stages meet; outlives the engine. `late` are jobs whose datums time out."""

    full: bool = False
    late: set[str] = field(default_factory=set)
    tries: Counter[tuple[str, ...]] = field(default_factory=Counter)
    visited: set[tuple[str, str]] = field(default_factory=set)


class Silence:
    """A log store that keeps nothing."""

    def append(self, *_: object, **__: object) -> None:
        pass


class RememberingStore(Store):
    """For checks after each step: what was once found stored is not looked for again, since nothing goes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[bytes, bytes] = {}
        self._stored: set[bytes] = set()

    def get(self, object_id: bytes) -> bytes:
        if object_id not in self._known:
            self._known[object_id] = self._store.get(object_id)
        return self._known[object_id]

    def has(self, object_id: bytes) -> bool:
        if object_id not in self._stored and self._store.has(object_id):
            self._stored.add(object_id)
        return object_id in self._stored

    def hold(self) -> Hold:
        return self._store.hold()

    def looking(self) -> AbstractContextManager[None]:
        return self._store.looking()


@dataclass
class Chain:
    """The engine of one process; `conductor` says who goes on."""

    pps: Pps
    scheduler: Scheduler
    conductor: Conductor
    images: AnyImage
    weather: Weather
    reports: list[str]
    remembering: RememberingStore
    checked: int = -1

    @classmethod
    def open(cls, root: Path, weather: Weather, clock: Iterator[int], ids: Iterator[int]) -> Chain:
        root.mkdir(exist_ok=True)
        conductor = Conductor()
        db = SteppedDatabase.open_for(conductor, root / "metadata.sqlite")
        db.full = lambda: weather.full
        pfs = Pfs(
            db,
            Store.open(root / "storage"),
            lambda: 1_700_000_000 + next(clock) / 1000,
            lambda: uuid_like(next(ids)),
        )
        with pfs.transaction() as txn:
            projects.ensure_default(txn)
        images, reports = AnyImage(), list[str]()
        logs: LogStore = Silence()  # type: ignore[assignment] # nobody reads them here
        stages = Stages(conductor, weather)
        runner = StageRunner(pfs.store, {"stage": stages.stage, "rescue": stages.rescue})
        pps = Pps(pfs, runner, images, logs, Settings(workers=1000, datum_identity="calf"), ATTESTOR)

        def report(where: str, error: BaseException) -> None:
            if not isinstance(error, NoSpace):
                reports.append(f"{where}: {error!r}")

        scheduler = Scheduler(pps, report, retry_after=0.0, threads=conductor.threads)
        scheduler.start()
        return cls(pps, scheduler, conductor, images, weather, reports, RememberingStore(pfs.store))

    @property
    def pfs(self) -> Pfs:
        return self.pps.pfs

    def crash(self) -> None:
        """End everything where it stands."""
        self.conductor.crash()
        self.pfs.close()

    def close(self) -> None:
        """Stop as a server does."""
        self.scheduler.stop()
        assert self.conductor.strands == []
        self.pfs.close()

    def make(self, name: str, generation: int, update: bool, **more: Any) -> None:
        """Create or update a pipeline."""
        with self.pfs.transaction() as txn:
            reprocess = more.pop("reprocess", False)
            spec = spec_of(name, generation, **more)
            pipelines.create(self.pps, txn, parse(spec), json.dumps(spec), update=update, reprocess=reprocess)

    def fsck(self) -> list[str]:
        """What the checks find, if anything was written since they looked."""
        db = self.pfs.db
        assert isinstance(db, SteppedDatabase)
        if db.changes == self.checked:
            return []
        self.checked = db.changes
        pfs = replace(self.pfs, store=self.remembering)
        with pfs.read():
            every = [*fsck.checks(pfs), *checks.checks(pfs), *attest_checks(replace(self.pps, pfs=pfs))]
            return [str(found) for found in fsck.run(pfs, every)]


def spec_of(name: str, generation: int, image: str = "busybox:1", **more: Any) -> dict[str, Any]:
    leaves = [
        {"pfs": {"repo": repo, "glob": "/" if repo == "side" else "/*", "branch": "master"}}
        for repo in READS[name]
    ]
    return {
        "pipeline": {"name": name},
        "transform": {
            "cmd": ["stage"],
            "err_cmd": ["rescue"],
            "image": image,
            "env": {"GENERATION": str(generation)},
        },
        "input": leaves[0] if len(leaves) == 1 else {"cross": leaves},
        "datum_tries": 2,
        **more,
    }


@dataclass
class Stages:
    """The code of the stages: a step of a strand, or several when slow."""

    conductor: Conductor
    weather: Weather

    def stage(self, visit: Visit) -> Mapping[str, bytes]:
        name, job = visit.spec.pipeline.name, visit.env["PACH_JOB_ID"]
        self.weather.visited.add((name, job))
        texts = [data.decode() for data in visit.files.values()]
        told = verbs(name, texts)
        for _ in range(4 if "slow" in told else 1):
            self.conductor.stop_here(lambda: True)
            if self.weather.full:
                raise NoSpace("no space left on this machine")
            if visit.cancel.cancelled or job in self.weather.late:
                raise Stopped
        key = (name, job, visit.run.datum_id)
        self.weather.tries[key] += 1
        if told & {"bad", "recover"} or ("flaky" in told and self.weather.tries[key] % 2):
            raise StageFailed("as told")
        return {
            path: text.encode()
            for path, text in written(name, visit.env["GENERATION"], paths(visit.files)).items()
        }

    def rescue(self, visit: Visit) -> Mapping[str, bytes]:
        told = verbs(visit.spec.pipeline.name, [data.decode() for data in visit.files.values()])
        if "recover" not in told or "bad" in told or visit.cancel.cancelled:
            raise StageFailed("no rescue")
        return {}


def paths(files: Mapping[str, bytes]) -> dict[str, str]:
    """The files of one input, or of the second one last, by path in the repo."""
    return {"/" + path.split("/", 2)[2]: data.decode() for path, data in sorted(files.items())}


def written(name: str, generation: str, files: Mapping[str, str]) -> dict[str, str]:
    """What a good datum writes: its own file, and one that others may write too."""
    path, text = next(iter(files.items()))
    beside = " ".join(list(files.values())[1:])
    out = {path: f"{text} {name}{generation} {beside}".rstrip()}
    if "clash" in verbs(name, list(files.values())):
        out["/clash"] = f"good {path}"
    return out


@dataclass(frozen=True)
class Wanted:
    """What must become of a job: failed datums fail it, and so does a path that two of them write."""

    files: Mapping[str, str]
    failed: int
    recovered: int
    total: int
    clash: bool

    @property
    def good(self) -> bool:
        return not self.failed and not self.clash


def wanted(name: str, generation: str, main: Mapping[str, str], side: Mapping[str, str]) -> Wanted:
    """From the files of the input commits and the version alone."""
    files: dict[str, str] = {}
    failed = recovered = 0
    clash = False
    for path, text in main.items() if name != "c" or side else ():
        told = verbs(name, [text, *side.values()])
        if "bad" in told:
            failed += 1
        elif "recover" in told:
            recovered += 1
        else:
            new = written(name, generation, {path: text, **side})
            clash |= bool(files.keys() & new.keys())
            files |= new
    total = len(main) if name != "c" or side else 0
    return Wanted(files, failed, recovered, total, clash)


def counters() -> tuple[Iterator[int], Iterator[int]]:
    """A clock's ticks and the numbers of ids, for all engines of a history."""
    return itertools.count(), itertools.count(1000)


def pipeline(name: str) -> Pipeline:
    return Pipeline("default", name)
