"""Jobs: the sets that a change started, each job, its datums, what they printed."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from calf.web.jobs.comparing import show_two
from calf.web.jobs.datum import show_datum
from calf.web.jobs.datums import show_datums
from calf.web.jobs.job import show_job
from calf.web.jobs.job_set import show_set
from calf.web.jobs.listing import show_of_pipeline, show_sets
from calf.web.jobs.logs import show_logs
from calf.web.jobs.logs_download import download
from calf.web.pages import page

_PIPELINE = "/p/{project}/pipelines/{pipeline}"
_JOB = f"{_PIPELINE}/jobs/{{job}}"


def routes() -> list[BaseRoute]:
    """All pages about jobs."""
    return [
        *page("/p/{project}/jobs", show_sets),
        *page("/p/{project}/jobs/{set}", show_set),
        *page(f"{_PIPELINE}/jobs", show_of_pipeline),
        *page(_JOB, show_job),
        *page(f"{_JOB}/compare", show_two),
        *page(f"{_JOB}/datums", show_datums),
        *page(f"{_JOB}/datums/{{datum}}", show_datum),
        *page(f"{_PIPELINE}/logs", show_logs),
        Route(f"{_PIPELINE}/logs/download", download, methods=["GET"]),
    ]
