"""Figures of the server, named as Prometheus names them."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path

from calf.db import statistics
from calf.db.tx import Row
from calf.model.states import TERMINAL_JOB_STATES, JobState, PipelineState
from calf.pps.engine import Pps
from calf.rpc.folder_sizes import FolderSizes
from calf.rpc.tally import BOUNDS, Tally

Sample = tuple[str, dict[str, str], float]
_DATUMS = ("processed", "skipped", "failed", "recovered")
_PHASES = ("download", "process", "upload")
_SIZES = FolderSizes()
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_CPU, _BEGAN = slice(11, 13), 19
"""Where in what /proc says of a process, behind its name, stand its time of CPU and when it began."""


def measure(pps: Pps, tally: Tally, home: Path) -> Iterator[Sample]:
    """All figures; `home` is the data folder."""
    yield "calf_build_info", {"version": version("calf")}, 1.0
    with pps.pfs.read() as tx:
        jobs = statistics.jobs(tx)
        counts = statistics.pipelines(tx), statistics.repos(tx), statistics.commits(tx)
    for row in jobs:
        yield from _jobs(row)
    yield from _things(*counts)
    yield from _disk(home)
    yield from _calls(tally)
    yield from _process()


def _jobs(row: Row) -> Iterator[Sample]:
    project, pipeline, number, jobs, *datums, total, ended, seconds = row[:11]
    of, state = {"project": project, "pipeline": pipeline}, JobState(number)
    labels = {**of, "state": state.name.lower()}
    yield "calf_jobs", labels, jobs
    if state in TERMINAL_JOB_STATES:
        yield "calf_job_seconds_sum", labels, seconds
        yield "calf_job_seconds_count", labels, ended
    for name, count in zip(_DATUMS, datums, strict=True):
        yield "calf_datums", {**labels, "datums": name}, count
    if state not in TERMINAL_JOB_STATES:  # what an ended job left undone waits for nothing
        yield "calf_datums", {**labels, "datums": "waiting"}, total - sum(datums)
    for phase, spent in zip(_PHASES, row[11:], strict=True):
        yield "calf_datum_seconds_total", {**labels, "phase": phase}, spent


def _things(pipelines: list[Row], repos: list[Row], commits: list[Row]) -> Iterator[Sample]:
    for project, number, count in pipelines:
        state = PipelineState(number).name.lower() if number else "stopped"
        yield "calf_pipelines", {"project": project, "state": state}, count
    for project, kind, count in repos:
        yield "calf_repos", {"project": project, "type": kind}, count
    for project, *counts in commits:
        for state, count in zip(("open", "finished", "failed"), counts, strict=True):
            yield "calf_commits", {"project": project, "state": state}, count


def _disk(home: Path) -> Iterator[Sample]:
    for part in ("storage", "logs"):
        if (size := _SIZES.of(home / part)) is not None:
            yield "calf_disk_bytes", {"part": part}, size
    metadata = sum(path.stat().st_size for path in home.glob("metadata.sqlite*"))
    yield "calf_disk_bytes", {"part": "metadata"}, metadata
    yield "calf_disk_free_bytes", {}, shutil.disk_usage(home).free


def _calls(tally: Tally) -> Iterator[Sample]:
    bounds = (*map(str, BOUNDS), "+Inf")
    for path, numbers, seconds, failed in tally.read():
        of = {"method": path.lstrip("/")}
        for bound, count in zip(bounds, accumulate(numbers), strict=True):
            yield "calf_rpc_seconds_bucket", {**of, "le": bound}, count
        yield "calf_rpc_seconds_sum", of, seconds
        yield "calf_rpc_seconds_count", of, sum(numbers)
        for category, count in sorted(failed.items()):
            yield "calf_rpc_failed_total", {**of, "category": category}, count


def _process() -> Iterator[Sample]:
    yield "calf_threads", {}, threading.active_count()
    try:
        words = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        pages = Path("/proc/self/statm").read_text().split()
        files = sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return  # another system than Linux
    yield "process_cpu_seconds_total", {}, sum(map(int, words[_CPU])) / _TICKS
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    yield "process_start_time_seconds", {}, time.time() - since_boot + int(words[_BEGAN]) / _TICKS
    yield "process_resident_memory_bytes", {}, int(pages[1]) * _PAGE
    yield "process_virtual_memory_bytes", {}, int(pages[0]) * _PAGE
    yield "process_open_fds", {}, files
