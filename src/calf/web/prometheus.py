"""`/metrics`: the server's figures in the text format of Prometheus, which is lines of a name and a number.

A library for it would keep figures of this process; ours come from the server with each question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from calf.client.connection import Client
from calf.model.errors import TimedOut, Unimplemented, Unreachable
from calf.views.states import pipeline_state
from calf.web.pages import ask_of
from calf.wire.messages import google, pps

KINDS = {
    "calf_server_up": ("gauge", "Whether the server answers."),
    "calf_build_info": ("gauge", "The version of the server."),
    "calf_jobs": ("gauge", "Jobs by pipeline and state."),
    "calf_job_seconds": ("summary", "Seconds from the beginning of jobs that have ended to their end."),
    "calf_datums": ("gauge", "Datums of jobs in a state, by what became of them."),
    "calf_datum_seconds_total": ("counter", "Seconds that datums took, by phase."),
    "calf_pipelines": ("gauge", "Pipelines by state."),
    "calf_repos": ("gauge", "Repos by type."),
    "calf_commits": ("gauge", "Commits by state."),
    "calf_disk_bytes": ("gauge", "Bytes in the data folder, by part."),
    "calf_disk_free_bytes": ("gauge", "Bytes that are free where the data folder lies."),
    "calf_rpc_seconds": ("histogram", "Seconds that calls of a method took, streams to their end."),
    "calf_rpc_failed_total": ("counter", "Calls of a method that failed, by category of the error."),
    "calf_threads": ("gauge", "Threads of the server."),
    "process_cpu_seconds_total": ("counter", "Seconds of CPU that the server used."),
    "process_start_time_seconds": ("gauge", "When the server began, in seconds since 1970."),
    "process_resident_memory_bytes": ("gauge", "Memory of the server that is in use."),
    "process_virtual_memory_bytes": ("gauge", "Memory of the server that it has addresses for."),
    "process_open_fds": ("gauge", "Files and connections that the server has open."),
}
"""Type and meaning of all metrics."""
_PARTS = ("_bucket", "_sum", "_count")
_FORMAT = "text/plain; version=0.0.4"
Sample = tuple[str, Mapping[str, str], float]


def routes() -> list[BaseRoute]:
    """`/metrics`."""
    return [Route("/metrics", show_metrics, methods=["GET"])]


def show_metrics(request: Request) -> Response:
    """All figures; of a server that is not ours, how its pipelines are. One that refuses is not down."""
    client = ask_of(request).client
    try:
        samples: list[Sample] = [("calf_server_up", {}, 1.0), *_read(client)]
    except (Unreachable, TimedOut):
        samples = [("calf_server_up", {}, 0.0)]
    return Response("".join(written(samples)), media_type=_FORMAT)


def _read(client: Client) -> list[Sample]:
    try:
        found = client.call("/calf_v1.Watching/Measure", google.Empty())
    except Unimplemented:
        return _pipelines(client)
    return [(it.name, dict(it.labels), it.value) for it in found.samples]


def _pipelines(client: Client) -> list[Sample]:
    found = client.pps.ListPipeline(pps.ListPipelineRequest())
    counts = Counter((it.pipeline.project.name or "default", pipeline_state(it.state)) for it in found)
    return [
        ("calf_pipelines", {"project": project, "state": state}, count)
        for (project, state), count in sorted(counts.items())
    ]


def written(samples: Iterable[Sample]) -> Iterator[str]:
    """The lines, those of a metric together, below its type and meaning."""
    ordered = sorted(enumerate(samples), key=lambda it: (metric_of(it[1][0]), it[0]))
    for metric, rows in groupby(ordered, key=lambda it: metric_of(it[1][0])):
        if metric in KINDS:  # a newer server may have more of them
            kind, meaning = KINDS[metric]
            yield f"# HELP {metric} {meaning}\n# TYPE {metric} {kind}\n"
        for _, (name, labels, value) in rows:
            inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in sorted(labels.items()))
            yield f"{name}{{{inside}}} {value:.17g}\n" if inside else f"{name} {value:.17g}\n"


def metric_of(name: str) -> str:
    """The metric that a line belongs to: those of a histogram and a summary have endings."""
    bare = next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), name)
    return bare if bare in KINDS else name


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
