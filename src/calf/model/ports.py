"""What rooms need of others that they must not import: handed in by the daemon.

The scheduler sees a `Runner`, so the job machine is tested without processes, and the sandbox without jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import inf
from typing import Literal, Protocol

from calf.model.content import Content, Entry
from calf.model.limits import Limit
from calf.model.pps_infos import Image, ImageFault, LogLine, Stats
from calf.model.refs import Pipeline
from calf.model.statement.facts import ImageFacts


class Cancel(Protocol):
    """Says that work should stop; see `calf.kit.cancel`."""

    @property
    def cancelled(self) -> bool:
        """Whether it was asked for."""

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` run once when asked (at once if it was already); returns what removes it."""


class Held(Protocol):
    """Keeps stored objects from being swept while an operation relies on them; see `calf.storage.holds`."""

    ids: set[bytes]
    """What is relied upon; added to before the store is asked for it."""

    def looking(self) -> AbstractContextManager[Callable[[bytes | None], None]]:
        """A moment in which roots are read, to be given to what this yields."""

    def release(self) -> None:
        """Keep nothing any more."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a stage that serves: where it listens, and where this machine's loopback shows it."""

    internal: int
    external: int

    @property
    def silent(self) -> str:
        """The line of a log that says that somebody called and nobody answered."""
        return f"nothing listens on port {self.internal} of the stage yet"

    @property
    def heard(self) -> str:
        """The line of a log that says that this is over."""
        return f"something listens on port {self.internal} of the stage now"


@dataclass(frozen=True, slots=True)
class Due:
    """Something to do once the time has come, `at` seconds since 1970; `what` names it in reports.

    `act` may be called late, and again after a crash: what it did must show in the rows.
    """

    at: float
    what: str
    act: Callable[[], None]


Log = Callable[[str, bool], None]
"""Takes one line, without newline, and whether it is the stage's own output (True) or ours (False)."""


Form = Literal["file", "lazy", "empty"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to lay out: `path` is relative to `/pfs`, absolute in form: `/<input name>/<path in repo>`.

    `form` is how the stage finds it: with its `content`, as a named pipe that gives the content to whoever
    opens it, or empty. A link to it in the output stands for the content in any case.
    """

    path: str
    content: Content
    form: Form = "file"


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """How a pipeline version's stage runs.

    `memory` and `disk` (what it writes) in bytes, 0: no limit; `isolation` "" is the best there is. A named
    one is used or refused, never replaced by a weaker one. `secrets` are files by folder and name; what is
    `masked` is never seen in logs and reasons. A `standing` stage runs until it ends or is cancelled, what it
    puts out is not taken in; its `port` is reached from outside, and with `reaches_server` it can call the
    server's API as its pipeline.
    """

    pipeline: Pipeline
    image: Image
    cmd: tuple[str, ...]
    stdin: tuple[str, ...] = ()
    err_cmd: tuple[str, ...] = ()
    err_stdin: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    accept_return_code: tuple[int, ...] = ()
    user: str = ""
    working_dir: str = ""
    batching: bool = False
    memory: int = 0
    disk: int = 0
    isolation: str = ""
    secrets: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict, repr=False)
    masked: tuple[bytes, ...] = field(default=(), repr=False)
    standing: bool = False
    port: Port | None = None
    reaches_server: bool = False


class Storing(Protocol):
    """Takes in what a stage puts out; whoever gave it makes that durable."""

    def stream(self, pieces: Iterable[bytes]) -> Content:
        """Store a file of any size. Raises `NoSpace`."""


@dataclass(frozen=True, slots=True)
class DatumRun:
    """One attempt at one datum. `env` holds the input variables and PACH_*; `timeout` in seconds, 0: none.

    `hold` keeps what the worker stores until its outcome is on record. What the stage puts out goes `into`
    that; without it, the worker stores it and makes it durable by itself. `followed`: the worker is likely to
    get another datum after this one, and may make itself ready. `room`: bytes of the disk that must be free
    before it begins, it having been ended with less.
    """

    datum_id: str
    env: Mapping[str, str]
    inputs: tuple[InputFile, ...]
    timeout: float = 0.0
    hold: Held | None = None
    into: Storing | None = None
    followed: bool = False
    room: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended.

    `ok`: the stage succeeded and `output` (paths below `/pfs/out`, tagged with the datum's id) is stored,
    durably unless it went `into` what the datum came with. Otherwise `reason` says why in words for the
    user, `output` is what it had put out so far, to be looked at only, and `recovered` means that `err_cmd`
    ended well.
    `cancelled` is set when the attempt was stopped from outside and says nothing about the datum.
    """

    ok: bool
    reason: str = ""
    recovered: bool = False
    cancelled: bool = False
    exit_code: int | None = None
    output: tuple[Entry, ...] = ()
    stats: Stats = field(default_factory=Stats)


class Worker(Protocol):
    """One slot that runs datums one after another, in a private root each; used by one thread at a time.

    With `batching` the stage's process lives from the first datum of a set to `end_set`, and asks for each
    over the worker API.
    """

    @property
    def isolation(self) -> str:
        """The level in force: `sandbox` or `process` (and which backend, as `sandbox/bubblewrap`)."""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """What the worker holds its stage to, and how: memory and disk, where asked for, and processes."""

    def run(self, datum: DatumRun, log: Log, cancel: Cancel) -> Outcome:
        """Run one attempt; whatever the stage does comes back as an `Outcome`, not as an exception.

        Raises `NoSpace` when this machine's disk is full, whoever filled it, before it begins or after it was
        ended for that; tried again, the datum should bring the error's `room`.
        """

    def end_set(self) -> None:
        """The set of datums has been run: a batching stage's process ends, another begins the next set."""

    def close(self) -> None:
        """End the stage's process tree and remove the workspace."""


class Runner(Protocol):
    """Makes workers."""

    def worker(self, spec: WorkerSpec) -> Worker:
        """A new worker. Raises `Precondition` when the named isolation cannot be had here."""


class Images(Protocol):
    """Finds what a stage runs in."""

    def resolve(self, name: str) -> Image:
        """Pin an image name. Raises `NotFound` with a hint when this machine does not know it, `Precondition`
        when it cannot say now, or the name says too little.
        """

    def describe(self, image: Image) -> ImageFacts:
        """What is in an image now, as far as that is known: nothing of one that was removed."""

    def changed(self, image: Image) -> str:
        """Why a pinned image must not run, with the cure: it is gone, or not what its digest says; empty when
        all is well. Costs little when nothing was touched since the last time. Each package's version is
        looked at, the files of packages are not.
        """

    def examine(self, image: Image, *, packages: bool = False) -> tuple[ImageFault, ...]:
        """What of a pinned image is not as its digest says; reads all its files, with `packages` also those
        of its packages, which takes a while. Raises `NotFound` when it is gone.
        """


class LogStore(Protocol):
    """Keeps the logs of each datum; safe for several threads."""

    def append(
        self, job: tuple[str, str, str], datum: str, line: str, user: bool, *, endless: bool = False
    ) -> None:
        """Add a line to the log of `(project, pipeline, job id)` and datum; what exceeds the cap is
        counted, or, of an endless log, takes the place of the oldest lines."""

    def read(self, job: tuple[str, str, str], datum: str | None = None) -> Iterator[LogLine]:
        """The lines of a job, each datum's together, by the time of the first; or those of one datum."""

    def read_back(
        self,
        job: tuple[str, str, str],
        datum: str | None = None,
        newest: float = inf,
        rough: Callable[[str], bool] | None = None,
    ) -> Iterator[LogLine]:
        """The same lines up to a time, the newest of all datums first; only what is taken is read.

        With `rough` those that it lets through, which is asked of whole blocks of lines first: it must be
        true of a text as soon as it is true of a line in it.
        """

    def follow(
        self, job: tuple[str, str, str | None], datum: str | None, cancel: Cancel
    ) -> Iterator[LogLine]:
        """What there is and then what comes, of a job or (job id None) of a pipeline; ends after `cancel`."""

    def delete(self, project: str, pipeline: str, job_id: str | None = None) -> None:
        """Remove the logs of a job, or of a whole pipeline."""

    def jobs(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        """Every `(project, pipeline, job id)` that has logs, with their size in bytes."""
