"""The datums of a job, a page at a time, each with why it ran or was skipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from calf.model.errors import InvalidArgument
from calf.web import links
from calf.web.jobs.neighbours import job_before, why_it_ran
from calf.web.jobs.shapes import counts_of, datum_data, job_of
from calf.web.pages import Ask, Page
from calf.web.reports.rejected import paths_by_name, rejected_by, rejected_of
from calf.wire.messages import Message, pps

if TYPE_CHECKING:
    from calf.client.connection import Client

ROWS = 50
STATES = ("failed", "success", "recovered", "skipped")
_RAN = (pps.SUCCESS, pps.FAILED, pps.RECOVERED)


def show_datums(ask: Ask) -> Page:
    """Those in a state, or all, by id."""
    client, project, name, job_id = ask.client, ask.project, ask.path["pipeline"], ask.path["job"]
    state, after = ask.text("state"), ask.text("after")
    if state and state not in STATES:
        raise InvalidArgument(f"there is no state {state[:40]!r}", f"states are {', '.join(STATES)}")
    job = job_of(project, name, job_id)
    info = client.pps.InspectJob(pps.InspectJobRequest(job=job))
    wanted = pps.ListDatumRequest.Filter(state=[pps.DatumState.Value(state.upper())]) if state else None
    request = pps.ListDatumRequest(job=job, filter=wanted, paginationMarker=after, number=ROWS + 1)
    found = list(client.pps.ListDatum(request))
    shown = found[:ROWS]
    more = links.datums(project, name, job_id, state, shown[-1].datum.id) if len(found) > ROWS else ""
    data = {
        "pipeline": name,
        "job": job_id,
        "datum_counts": counts_of(info),
        "rejected": rejected_by(client, info),
        "datums": datum_rows(client, info, shown),
        "chosen": state,
        "states": STATES,
        "paged": bool(after),
        "next": more,
    }
    return Page("jobs/datums.html", "Datums", data, crumbs(project, name, job_id), not after, "pipelines")


def datum_rows(client: Client, info: Message, datums: Sequence[Message]) -> list[dict[str, Any]]:
    """Datums of a job as data, with why each ran or was skipped, and which file says that it was rejected."""
    ran = any(datum.state in _RAN for datum in datums)
    before = job_before(client, info) if ran else None
    names = paths_by_name(client, info)
    rows = []
    for datum in datums:
        row = datum_data(datum, info.job.id) | {"why": why(client, info, datum, before)}
        rows.append(row | {"rejected": rejected_of(names, row["inputs"])})
    return rows


def why(client: Client, info: Message, datum: Message, before: Message | None) -> str:
    """Why a datum of a job ran or was skipped; `before` is the job before it."""
    if datum.state == pps.SKIPPED:
        return "the same inputs, code and parameters"
    if datum.state not in _RAN:
        return ""
    if info.calf.detached:
        return "a run on commits of the past runs everything"
    return why_it_ran(client, datum, before)


def crumbs(project: str, pipeline: str, job_id: str = "") -> tuple[tuple[str, str], ...]:
    """What a page about a job lies in."""
    found = (("Pipelines", links.pipelines(project)), (pipeline, links.pipeline(project, pipeline)))
    return (*found, (f"Job {job_id[:8]}", links.job(project, pipeline, job_id))) if job_id else found
