"""What the thread of a job works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event

from calf.kit.cancel import CancelToken
from calf.model.content import Content, Node
from calf.model.ports import Held
from calf.model.pps_infos import DatumInput, Image, PipelineInfo
from calf.model.refs import Commit, Datum, Job
from calf.model.spec import PipelineSpec
from calf.model.spec.parts import Transform
from calf.pfs import commits
from calf.pfs.locks import KeyedLocks
from calf.pps.engine import Pps
from calf.pps.running import Running
from calf.pps.scheduler.slots import Slots
from calf.pps.scheduler.threads import Threads
from calf.storage.trees import Planted, finder


@dataclass(frozen=True, slots=True)
class Shared:
    """What all jobs of a process share.

    `report` takes unexpected errors for the server's own log; `retry_after` is the usual time, in seconds,
    until something that failed is tried again; `standing` holds the pipelines whose stage stands.
    """

    pps: Pps
    slots: Slots
    workers: int
    running: Running
    report: Callable[[str, BaseException], None]
    retry_after: float
    threads: Threads = field(default_factory=Threads)
    standing: KeyedLocks = field(default_factory=KeyedLocks)


@dataclass(frozen=True, slots=True)
class InputTree:
    """The files of an input commit: its root, and what finds a path and remembers the pages it saw."""

    root: bytes | None
    find: Callable[[str], list[Node]]


@dataclass(frozen=True, slots=True)
class Written:
    """What a datum put out: a stored directory, None for nothing; and its files, by path. `inputs` are those
    that it saw below /pfs, None where they have to be looked up.
    """

    directory: Planted | None
    files: Mapping[str, Content]
    inputs: Mapping[str, Content] | None = None


NOTHING = Written(None, {})


@dataclass(frozen=True, slots=True)
class Work:
    """One job under way. `number` is what its datums are filed under. `hold` keeps all that it reads and
    stores until it is over.

    `timed_out` is set before a time-out cancels, `superseded` before a newer job of a service does. `trees`
    caches those of the input commits, which never change; `written` what some datums put out, by id, so that
    it need not be read again; `rooms` what must be free before datums that filled the disk are tried again.
    """

    shared: Shared
    job: Job
    number: int
    pipeline: PipelineInfo
    transform: Transform
    image: Image
    hold: Held
    cancel: CancelToken = field(default_factory=CancelToken)
    timed_out: Event = field(default_factory=Event)
    superseded: Event = field(default_factory=Event)
    trees: dict[Commit, InputTree] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    rooms: dict[str, int] = field(default_factory=dict)

    @property
    def pps(self) -> Pps:
        """The engine."""
        return self.shared.pps

    @property
    def spec(self) -> PipelineSpec:
        """The pipeline's spec, defaults filled in."""
        return self.pipeline.spec

    @property
    def output(self) -> Commit:
        """The commit that the job writes."""
        return self.job.output

    @property
    def meta(self) -> Commit:
        """The commit that keeps the records of its datums."""
        return self.job.meta

    def tree_of(self, commit: Commit) -> InputTree:
        """The tree of an input commit."""
        tree = self.trees.get(commit)
        if tree is None:
            with self.hold.looking() as note, self.pps.pfs.read() as tx:
                root = commits.root(tx, commit)
                note(root)
            tree = self.trees[commit] = InputTree(root, finder(self.pps.pfs.store.get, root))
        return tree

    def log(self, datum_id: str, line: str, user: bool = False, *, endless: bool = False) -> None:
        """Add a line to the log of a datum (`""`: of the job itself, which `logs --master` shows)."""
        key = (self.job.pipeline.project, self.job.pipeline.name, self.job.id)
        self.pps.logs.append(key, datum_id, line, user, endless=endless)


@dataclass(frozen=True, slots=True)
class Task:
    """A datum of the job: its id, the hash of what it depends on, what it reads."""

    datum: Datum
    hash: str
    inputs: tuple[DatumInput, ...]
