"""How jobs are shown: in tables, in full, and as an exit code."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from calf.cli.colours import paint
from calf.cli.labels import print_labels
from calf.cli.output import Output
from calf.kit import durations, exit_codes, sizes
from calf.views.failures import explain, failed_datums
from calf.views.labels import image_words, message_block, seconds
from calf.views.replay.kept import replayed
from calf.views.source_words import source_of
from calf.views.states import job_state, short
from calf.views.words import moment, paragraph, printable, span
from calf.wire.messages import Message, pps
from calf.wire.times import read_duration, read_time

if TYPE_CHECKING:
    from calf.client.connection import Client

_HEADERS = ("PROJECT", "PIPELINE", "ID", "STARTED", "DURATION", "RESTART", "PROGRESS", "DL", "UL", "STATE")
_LEAST_WIDTH, _GAP = 20, 3
_WORKER_HEADERS = ("WORKER", "JOB", "DATUM", "STARTED")
_ALWAYS = {"Reason", "Datum Timeout", "Job Timeout"}
NO_DATUMS = "there were no datums to process"


def show_jobs(infos: Iterable[Message], output: Output) -> None:
    """Print jobs as a table, or raw."""
    output.records(_HEADERS, infos, partial(_row, full=output.full_timestamps))


def _row(info: Message, *, full: bool) -> Sequence[str]:
    return (
        info.job.pipeline.project.name,
        info.job.pipeline.name,
        info.job.id,
        moment(info.started, full=full),
        _duration(info),
        str(info.restart),
        progress(info),
        sizes.format(info.stats.download_bytes),
        sizes.format(info.stats.upload_bytes),
        state_and_reason(info),
    )


def progress(info: Message) -> str:
    """`processed + skipped [+ recovered] / total`."""
    done = [str(info.data_processed), str(info.data_skipped)]
    if info.data_recovered:
        done.append(str(info.data_recovered))
    return f"{' + '.join(done)} / {info.data_total}"


def state_and_reason(info: Message) -> str:
    """The state, with the reason when there is one; a success without datums says so."""
    state = job_state(info.state)
    reason = info.reason
    if info.state == pps.JOB_SUCCESS and not info.data_total:
        return f"{state}: {NO_DATUMS}"
    return f"{state}: {short(reason)}" if reason else state


def _duration(info: Message) -> str:
    if not info.HasField("started"):
        return "-"
    end = read_time(info.finished) if info.HasField("finished") else time.time()
    return span(end - read_time(info.started))


def show_job(client: Client, info: Message, output: Output) -> None:
    """Print one job in full, with what made it fail, or raw."""
    if output.raw:
        output.documents([info])
    else:
        source = source_of(client, info.output_commit) if info.state == pps.JOB_SUCCESS else ""
        full = output.full_timestamps
        again = replayed(client, info.output_commit, full=full) if info.state == pps.JOB_SUCCESS else ""
        print_labels(_labels(info, failed_datums(client, info), source, again, full=full), _ALWAYS)


def _labels(
    info: Message, failed: Sequence[Message], source: str, again: str, *, full: bool
) -> list[tuple[str, str]]:
    stats, details, note = info.stats, info.details, info.calf
    return [
        ("ID", info.job.id),
        ("Pipeline", info.job.pipeline.name),
        ("Project", info.job.pipeline.project.name),
        ("Started", moment(info.started, full=full)),
        ("Duration", _duration(info)),
        ("State", paint(job_state(info.state))),
        ("Reason", paragraph(info.reason) or (NO_DATUMS if _did_nothing(info) else "")),
        *explain(info, failed),
        ("Processed", str(info.data_processed)),
        ("Failed", str(info.data_failed)),
        ("Skipped", str(info.data_skipped)),
        ("Recovered", str(info.data_recovered)),
        ("Total", str(info.data_total)),
        ("Data Downloaded", sizes.format(stats.download_bytes)),
        ("Data Uploaded", sizes.format(stats.upload_bytes)),
        ("Download Time", durations.format(read_duration(stats.download_time))),
        ("Process Time", durations.format(read_duration(stats.process_time))),
        ("Upload Time", durations.format(read_duration(stats.upload_time))),
        ("Datum Timeout", seconds(details.datum_timeout)),
        ("Job Timeout", seconds(details.job_timeout)),
        ("Worker Status", worker_status(info)),
        ("Restarts", str(info.restart)),
        ("Isolation", note.isolation),
        ("Limits", "; ".join(f"{each.name} {each.value}: {each.by}" for each in note.limits)),
        ("Image", image_words(note.image)),
        ("Source", printable(source)),
        ("Replayed", again),
        ("ParallelismSpec", str(details.parallelism_spec.constant or 1)),
        ("Input", message_block(details.input)),
        ("Transform", message_block(details.transform)),
        ("Output Commit", info.output_commit.id),
        ("Egress", message_block(details.egress)),
    ]


def _did_nothing(info: Message) -> bool:
    return bool(info.state == pps.JOB_SUCCESS and info.data_skipped == info.data_total)


def worker_status(info: Message) -> str:
    """What the workers of a running job do: a table on lines of its own, aligned as Pachyderm does it."""
    rows = [
        (
            each.worker_id,
            each.job_id,
            ", ".join(part.path for part in each.datum_status.data) or "-",
            moment(each.datum_status.started),
        )
        for each in info.details.worker_status
    ]
    table = [_WORKER_HEADERS, *(tuple(map(printable, row)) for row in rows)]
    widths = [
        max(_LEAST_WIDTH, *(len(cell) + _GAP for cell in column)) for column in zip(*table, strict=True)
    ]
    lines = ("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    return "".join(f"\n{line.rstrip()}" for line in lines)


def exit_code(infos: Iterable[Message]) -> int:
    """What waiting for these jobs exits with: the worst of them."""
    states = {info.state for info in infos}
    if states & {pps.JOB_FAILURE, pps.JOB_UNRUNNABLE}:
        return exit_codes.JOB_FAILED
    return exit_codes.JOB_KILLED if pps.JOB_KILLED in states else exit_codes.OK
