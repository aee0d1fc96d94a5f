"""The records of pipelines, jobs and datums. Times are seconds since the epoch, UTC; 0.0 stands for never."""

from __future__ import annotations

from dataclasses import dataclass, field

from calf.model.limits import Limit
from calf.model.refs import Commit, Datum, Job, Pipeline, Repo
from calf.model.spec import PipelineSpec
from calf.model.states import DatumState, JobState, PipelineState, PipelineType

HOST = "host"
"""The image that is this machine's own system: its name, and the kind of whatever it stands in for."""
CONTAINER = "container"
"""The kind of images that a container engine has: their digest is the engine's id, that of the configuration.
"""


@dataclass(frozen=True, slots=True)
class Image:
    """What a stage runs in, pinned.

    `digest` covers everything in it and stands in datum identity and provenance. `kind` is `stage` (a locked
    environment plus code, built here), `host` (this machine's own system), or `container`.
    """

    name: str
    digest: str
    kind: str

    @property
    def stand_in(self) -> bool:
        """Whether this machine's own system stands in for an image of another name."""
        return self.kind == HOST and self.name != HOST


@dataclass(frozen=True, slots=True)
class ImageFault:
    """Something of an image that is not as its digest says: `what` is the file or package, `words` say it."""

    what: str
    words: str


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """One version of a pipeline; `image` is None until its name is known (the state is CRASHING then).

    `unclaimed` counts the datums that wait for a worker, where one pipeline is asked for.
    """

    pipeline: Pipeline
    version: int
    spec_commit: Commit
    type: PipelineType
    state: PipelineState
    spec: PipelineSpec
    salt: str
    reason: str = ""
    stopped: bool = False
    image: Image | None = None
    last_job_state: JobState = JobState.UNKNOWN
    user_spec_json: str = ""
    effective_spec_json: str = ""
    created: float = 0.0
    updated: float = 0.0
    unclaimed: int = 0
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def workers(self) -> int:
        """How many workers there are for it now."""
        return self.spec.parallelism if self.state is PipelineState.RUNNING else 0


@dataclass(frozen=True, slots=True)
class Stats:
    """What work cost: seconds and bytes."""

    download_time: float = 0.0
    process_time: float = 0.0
    upload_time: float = 0.0
    download_bytes: int = 0
    upload_bytes: int = 0

    def __add__(self, other: Stats) -> Stats:
        """The sum of two."""
        return Stats(
            self.download_time + other.download_time,
            self.process_time + other.process_time,
            self.upload_time + other.upload_time,
            self.download_bytes + other.download_bytes,
            self.upload_bytes + other.upload_bytes,
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """How a job's datums fared; `total` is 0 until they were listed."""

    processed: int = 0
    skipped: int = 0
    failed: int = 0
    recovered: int = 0
    total: int = 0

    @property
    def waiting(self) -> int:
        """Those without a result."""
        return self.total - self.processed - self.skipped - self.failed - self.recovered


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job; `isolation` is the level that its stage ran at (`sandbox`, `process`, `container`; and by what),
    `limits` say what it might take.

    A `detached` one runs commits of the past: its own are on no branch, and it follows no branch. `waits`:
    for how many inputs, as its reason says; 0 when it waits for nothing, or for something else.
    """

    job: Job
    pipeline_version: int
    output_commit: Commit
    state: JobState
    reason: str = ""
    restarts: int = 0
    counts: Counts = field(default_factory=Counts)
    stats: Stats = field(default_factory=Stats)
    image: Image | None = None
    isolation: str = ""
    limits: tuple[Limit, ...] = ()
    created: float = 0.0
    started: float = 0.0
    finished: float = 0.0
    detached: bool = False
    waits: int = 0


@dataclass(frozen=True, slots=True)
class DatumInput:
    """One input of a datum: `path` as matched (a directory ends in `/`), `hash` of the content there."""

    name: str
    repo: Repo
    branch: str
    commit: Commit
    path: str
    hash: bytes
    size: int = 0
    join_on: str = ""
    group_by: str = ""
    lazy: bool = False
    empty_files: bool = False
    reference: bool = False


@dataclass(frozen=True, slots=True)
class DatumInfo:
    """What became of a datum in a job. `output` is the root of the tree of its output (None: no output)."""

    datum: Datum
    state: DatumState
    hash: str
    inputs: tuple[DatumInput, ...]
    reason: str = ""
    stats: Stats = field(default_factory=Stats)
    image_id: str = ""
    output: bytes | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log; `user` tells the stage's own output from the engine's words."""

    project: str
    pipeline: str
    job: str
    datum: str
    at: float
    user: bool
    message: str
