"""Follows the jobs until all have ended: a live table on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table

from calf.client.connection import Client
from calf.model.errors import CalfError
from calf.wire.messages import Message, pfs, pps
from driver.checkout import StepFailedError

_ENDED = {"success", "failure", "killed", "unrunnable"}
_COLOURS = {"success": "green", "failure": "red", "killed": "red", "unrunnable": "red", "running": "yellow"}
_INTERVAL = 0.5
BEAT = 30.0
"""Seconds after which a job that still runs says so again, where there is no live table."""
PATIENCE = 15.0
"""Seconds for which pipelines may be unable to run: what was mended a moment ago is not seen at once."""
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Row:
    """The newest job of a pipeline, leaving out replays and other runs of the past."""

    pipeline: str
    state: str
    reason: str
    done: int
    skipped: int
    total: int
    seconds: float
    isolation: str = ""
    job: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in _ENDED

    @property
    def progress(self) -> str:
        """Datums, as `pachctl list job` prints them."""
        return f"{self.done} + {self.skipped} / {self.total}" if self.total else "-"


def watch(client: Client, names: Sequence[str], console: Console) -> list[Row]:
    """Follow the newest job of each pipeline until all have ended.

    Raises `StepFailedError` when one cannot begin before its user does something.
    """
    if not console.is_terminal:
        return _watch_lines(client, names, console)
    with Live(console=console, refresh_per_second=4) as live:
        return _poll(client, names, lambda rows: live.update(_table(rows)))


def newest_jobs(client: Client, names: Sequence[str]) -> list[Row]:
    """The newest job of each pipeline now."""
    return [_newest(client, name) for name in names]


def longest_run(client: Client, name: str) -> float:
    """Seconds of the longest job of a pipeline so far: about what running it again will take."""
    return max((_row(name, info).seconds for info in _jobs(client, name)), default=0.0)


def failed_datum(client: Client, row: Row) -> list[str]:
    """The lines of the first failed datum's own reason; none where no datum of the job failed."""
    if row.state != "failure":
        return []
    job = pps.Job(pipeline=pps.Pipeline(name=row.pipeline, project=pfs.Project(name="default")), id=row.job)
    failed = pps.ListDatumRequest.Filter(state=[pps.FAILED])
    found = list(client.pps.ListDatum(pps.ListDatumRequest(job=job, filter=failed, number=1)))
    return str(found[0].calf.reason).splitlines() if found else []


def _watch_lines(client: Client, names: Sequence[str], console: Console) -> list[Row]:
    lines = Lines(lambda row: _last_line(client, row))

    def show(rows: list[Row]) -> None:
        for line in lines.of(rows):
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    return _poll(client, names, show)


@dataclass(frozen=True, slots=True)
class Lines:
    """What to print of jobs under way: each new state, now and then a running one's age and last words."""

    last_line: Callable[[Row], str]
    shown: dict[str, tuple[str, float]] = field(default_factory=dict)

    def of(self, rows: Sequence[Row]) -> Iterator[str]:
        """The lines that are due, given how the jobs are now."""
        for row in rows:
            state, told_at = self.shown.get(row.pipeline, ("", 0.0))
            if row.state in {"waiting", "created"}:
                continue
            if row.state != state:
                self.shown[row.pipeline] = row.state, row.seconds
                yield f"{row.pipeline:10} {_sentence(row)}"
            elif row.state == "running" and row.seconds - told_at >= BEAT:
                self.shown[row.pipeline] = row.state, row.seconds
                said = self.last_line(row)
                yield f"{row.pipeline:10} {_sentence(row)} for {row.seconds:.0f} s" + (said and f": {said}")


def _last_line(client: Client, row: Row) -> str:
    """What the stage said last; nothing where there are no logs."""
    pipeline = pps.Pipeline(name=row.pipeline, project=pfs.Project(name="default"))
    request = pps.GetLogsRequest(job=pps.Job(pipeline=pipeline, id=row.job), tail=1)
    try:
        found = [line.message.strip() for line in client.pps.GetLogs(request)]
    except CalfError:
        return ""
    return found[-1][:_LONGEST] if found else ""


def _sentence(row: Row) -> str:
    if not row.ended:
        return row.state
    datums = f"{row.done} run + {row.skipped} skipped of {row.total} datums"
    return f"{row.state} in {row.seconds:.0f} s, {datums}" + (f": {row.reason}" if row.reason else "")


def _poll(client: Client, names: Sequence[str], show: Callable[[list[Row]], None]) -> list[Row]:
    able = time.monotonic()
    while True:
        rows = newest_jobs(client, names)
        show(rows)
        if all(row.ended for row in rows):
            return rows
        reasons = crashing(client, [row.pipeline for row in rows if not row.ended])
        if not reasons:
            able = time.monotonic()
        elif time.monotonic() - able >= PATIENCE:
            raise StepFailedError(
                "\n  ".join(("these cannot run, and begin by themselves once they can:", *reasons))
            )
        time.sleep(_INTERVAL)


def crashing(client: Client, names: Sequence[str]) -> list[str]:
    """Which of these cannot run, and why: an image or a secret is not to be had."""
    ours = pps.ListPipelineRequest(projects=[pfs.Project(name="default")])
    infos = client.pps.ListPipeline(ours)
    bad = [each for each in infos if each.pipeline.name in names and each.state == pps.PIPELINE_CRASHING]
    return [f"{each.pipeline.name}: {each.reason}" for each in bad]


def _newest(client: Client, name: str) -> Row:
    info = next(_jobs(client, name, 1), None)
    if info is not None and info.calf.detached:
        info = next((each for each in _jobs(client, name) if not each.calf.detached), None)
    return Row(name, "waiting", "", 0, 0, 0, 0.0) if info is None else _row(name, info)


def _jobs(client: Client, name: str, number: int = 0) -> Iterator[Message]:
    """The jobs of a pipeline, newest first; 0: all of them."""
    pipeline = pps.Pipeline(name=name, project=pfs.Project(name="default"))
    return iter(client.pps.ListJob(pps.ListJobRequest(pipeline=pipeline, number=number, history=-1)))


def _row(name: str, info: Message) -> Row:
    end = info.finished.ToDatetime().timestamp() if info.HasField("finished") else time.time()
    start = info.started.ToDatetime().timestamp() if info.HasField("started") else end
    return Row(
        pipeline=name,
        state=pps.JobState.Name(info.state).removeprefix("JOB_").lower(),
        reason=info.reason,
        done=info.data_processed + info.data_recovered,
        skipped=info.data_skipped,
        total=info.data_total,
        seconds=max(0.0, end - start),
        isolation=info.calf.isolation,
        job=info.job.id,
    )


def _table(rows: list[Row]) -> Table:
    table = Table("PIPELINE", "STATE", "RUN + SKIPPED / ALL", "TIME", "NOTE", box=None)
    for row in rows:
        colour = _COLOURS.get(row.state, "dim")
        clock = f"{row.seconds:.0f} s" if row.seconds else ""
        note = row.reason or row.isolation
        table.add_row(row.pipeline, f"[{colour}]{row.state}[/]", row.progress, clock, note)
    return table
