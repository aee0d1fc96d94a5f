"""A datum of a job: what it read, what became of it and why, what it printed."""

from __future__ import annotations

from calf.web.jobs.datums import crumbs, why
from calf.web.jobs.log_reading import LogPlace, LogQuery, read_page
from calf.web.jobs.neighbours import job_before
from calf.web.jobs.shapes import datum_data, job_of
from calf.web.pages import Ask, Page
from calf.web.reports.rejected import paths_by_name, rejected_of
from calf.wire.messages import pps

_LOG_LINES = 100


def show_datum(ask: Ask) -> Page:
    """One datum. Raises `NotFound` for one that is not there, or has no result yet."""
    client, project, name, job_id = ask.client, ask.project, ask.path["pipeline"], ask.path["job"]
    job, datum_id = job_of(project, name, job_id), ask.path["datum"]
    info = client.pps.InspectJob(pps.InspectJobRequest(job=job))
    datum = client.pps.InspectDatum(pps.InspectDatumRequest(datum=pps.Datum(job=job, id=datum_id)))
    before = job_before(client, info)
    told = datum_data(datum, job_id)
    log = read_page(client, LogPlace(project, name, told["ran_in"], datum_id), LogQuery(number=_LOG_LINES))
    data = {
        "pipeline": name,
        "job": job_id,
        "version": info.pipeline_version,
        "datum": told | {"why": why(client, info, datum, before)},
        "rejected": rejected_of(paths_by_name(client, info), told["inputs"]),
        "before": before.job.id if before is not None else "",
        "log": log.lines,
        "cut": log.older is not None,
    }
    title = f"Datum {datum_id[:8]}"
    return Page("jobs/datum.html", title, data, crumbs(project, name, job_id), section="pipelines")
