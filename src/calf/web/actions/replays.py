"""Replays that the dashboard runs: each in a thread of its own, remembered as long as this process lives.

How each job came out, the server signs and keeps; what differed, and how, goes with this process.

When the process ends, the server drops what a replay has begun, since the stream that it hangs on ends.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from calf.client.connection import Client
from calf.model.errors import CalfError, NotFound, Unimplemented, WrongState
from calf.views.replay.behind import jobs_behind
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.views.replay.outcome import Outcome

_AT_ONCE = 4
_KEPT = 50
_UNEXPECTED = "the replay ended unexpectedly; the log of the dashboard says more"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to replay: `jobs`, or with `behind` all that they were made by as well."""

    project: str
    title: str
    jobs: Sequence[Message]
    behind: bool = False
    anyway: bool = False
    keep: bool = False


@dataclass(slots=True)
class Part:
    """One job of a replay; `again` is the new run, once there is one. One that was stopped has no outcome."""

    job: Message
    step: str = "waiting"
    again: Message | None = None
    outcome: Outcome | None = None
    digest: str = ""
    error: str = ""
    stopped: bool = False
    ended: float = 0.0


@dataclass(slots=True)
class Replay:
    """A replay as it is now; only its own thread changes it, but for `stopped`."""

    id: str
    wanted: Wanted
    begun: float
    parts: list[Part] = field(default_factory=list)
    ended: float = 0.0
    error: str = ""
    stopped: bool = False
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a job, when, and the replay that says so."""

    ok: bool
    at: float
    project: str
    replay: str


class Replays:
    """All replays of this process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: dict[str, Replay] = {}

    def begin(self, wanted: Wanted, connect: Callable[[], Client]) -> str:
        """Begin a replay and give its id. Raises `WrongState` when too many run."""
        made = Replay(uuid.uuid4().hex, wanted, time.time())
        with self._lock:
            if sum(not each.ended for each in self._all.values()) >= _AT_ONCE:
                raise WrongState(f"{_AT_ONCE} replays run already", "wait until one of them has ended")
            self._all[made.id] = made
            self._forget_oldest()
        threading.Thread(target=_run, args=(made, connect()), name="replay", daemon=True).start()
        return made.id

    @property
    def are_running(self) -> bool:
        """Whether one has not ended."""
        with self._lock:
            return any(not each.ended for each in self._all.values())

    def close(self) -> None:
        """Remove what they have drawn."""
        with self._lock:
            for each in self._all.values():
                _clear(each)

    def get(self, project: str, replay_id: str) -> Replay:
        """A replay. Raises `NotFound`."""
        with self._lock:
            found = self._all.get(replay_id)
        if found is None or found.wanted.project != project:
            raise NotFound(
                "this dashboard knows no such replay",
                "a dashboard that was started anew has forgotten those before; what they ran was dropped",
            )
        return found

    def of_project(self, project: str) -> list[Replay]:
        """Those of a project, newest first."""
        with self._lock:
            return [each for each in reversed(self._all.values()) if each.wanted.project == project]

    def outcomes(self) -> dict[tuple[str, str, str], Told]:
        """What became of each job that was run again, by project, pipeline and id; the newest counts."""
        with self._lock:
            found = list(self._all.values())
        return {
            (part.job.pipeline.project.name, part.job.pipeline.name, part.job.id): Told(
                part.outcome.ok, part.ended, each.wanted.project, each.id
            )
            for each in found
            for part in list(each.parts)
            if part.outcome is not None and part.outcome.ran
        }

    def _forget_oldest(self) -> None:
        ended = [each for each in self._all.values() if each.ended]
        for each in ended[: max(0, len(self._all) - _KEPT)]:
            del self._all[each.id]
            _clear(each)


def _clear(replay: Replay) -> None:
    if replay.folder is not None:
        shutil.rmtree(replay.folder, ignore_errors=True)


def _run(replay: Replay, client: Client) -> None:
    replay.error = _UNEXPECTED
    try:
        wanted = replay.wanted
        jobs = jobs_behind(client, wanted.jobs) if wanted.behind else wanted.jobs
        replay.parts = [Part(job) for job in jobs]
        for part in replay.parts:
            if replay.stopped:
                part.step, part.stopped = "done", True
            else:
                _replay_part(replay, part, client)
        replay.error = ""
    except CalfError as error:
        replay.error = error.message
    finally:
        for part in replay.parts:
            part.step, part.error = "done", part.error or replay.error
        replay.ended = time.time()
        client.close()


def _replay_part(replay: Replay, part: Part, client: Client) -> None:
    from calf.model.statement.replays import REPRODUCED
    from calf.views.replay.running import Options, replay_job

    def folder() -> Path:
        if replay.folder is None:
            replay.folder = Path(tempfile.mkdtemp(prefix="calf-replay-"))
        return replay.folder

    @contextmanager
    def watch(again: Message) -> Iterator[None]:
        part.again, part.step = again, "running"
        if replay.stopped:
            client.pps.StopJob(pps.StopJobRequest(job=again, reason="job stopped"))
        yield
        part.step = "comparing"

    part.step = "looking up what it ran on"
    wanted = replay.wanted
    try:
        outcome = replay_job(client, part.job, Options(wanted.keep, wanted.anyway, folder, False, watch))
        part.ended = time.time()  # before there is an outcome, which is told with it
        part.stopped = replay.stopped and bool(outcome.failure)
        part.outcome = None if part.stopped else outcome
        if outcome.result == REPRODUCED and outcome.files:  # what is empty has no digest
            part.digest = _digest(client, part.job)
    except Unimplemented:
        part.error = "this server does not know replays, which are calf's own"
    except CalfError as error:
        part.error = error.message
    part.step = "done"


def _digest(client: Client, job: Message) -> str:
    """The hash of all that the job made, which its new run's equals when it is reproduced."""
    info = client.pps.InspectJob(pps.InspectJobRequest(job=job))
    root = pfs.File(commit=info.output_commit, path="/")
    return str(client.pfs.InspectFile(pfs.InspectFileRequest(file=root)).hash.hex())
