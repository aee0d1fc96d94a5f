"""A job: how it went and why, what it read and made, in what it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calf.model.errors import CalfError, Category
from calf.views.failures import failed_datums
from calf.views.labels import repo_name
from calf.views.replay.kept import replayed
from calf.views.source_words import source_words
from calf.views.statements import ask_for_statement
from calf.web.files.places import good_before
from calf.web.jobs.datums import crumbs
from calf.web.jobs.deciding import decision_of
from calf.web.jobs.log_reading import LogPlace, LogQuery, read_page
from calf.web.jobs.neighbours import job_before
from calf.web.jobs.shapes import datum_data, job_data, job_of
from calf.web.lineage.spots import spot_of
from calf.web.pages import Ask, Page
from calf.web.pipelines.inputs import input_rows
from calf.web.reports.rejected import reasons, rejected_by
from calf.web.shaping import rfc3339, seconds_of
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.client.connection import Client

_LOG_END = 15
_WORKERS = 20


def show_job(ask: Ask) -> Page:
    """One job."""
    client, project, name = ask.client, ask.project, ask.path["pipeline"]
    job = job_of(project, name, ask.path["job"])
    info = client.pps.InspectJob(pps.InspectJobRequest(job=job, details=True))
    before = job_before(client, info)
    told = job_data(info)
    output = _output(client, info)
    data = {
        "job": told,
        "decision": decision_of(client, info) if output and not output["error"] else None,
        "rejected": _rejected(client, info),
        "before": before.job.id if before is not None else "",
        "failed": _failed(client, info),
        "inputs": list(input_rows(info.details.input)),
        "output": output,
        "egress": info.details.egress.URL,
        "image": {
            "name": info.calf.image.name or info.details.transform.image,
            "digest": info.calf.image.digest,
            "kind": info.calf.image.kind,
        },
        "isolation": info.calf.isolation,
        "held_to": [{"name": each.name, "value": each.value, "by": each.by} for each in info.calf.limits],
        "made_in": _made_in(client, info) if told["state"] == "success" else None,
        "limits": {
            "datum_timeout": seconds_of(info.details.datum_timeout),
            "job_timeout": seconds_of(info.details.job_timeout),
        },
        "workers": [_worker(each) for each in info.details.worker_status[:_WORKERS]],
    }
    title = f"Job {job.id[:8]} of {name}"
    return Page("jobs/job.html", title, data, crumbs(project, name), not told["ended"], "pipelines")


def _failed(client: Client, info: Message) -> list[dict[str, Any]]:
    """The first datums that failed, each with why and with the end of what it printed."""
    found = []
    for datum in failed_datums(client, info):
        told = datum_data(datum, info.job.id)
        pipeline = info.job.pipeline
        place = LogPlace(pipeline.project.name, pipeline.name, told["ran_in"], told["id"])
        found.append(told | {"log": read_page(client, place, LogQuery(number=_LOG_END)).lines})
    return found


def _rejected(client: Client, info: Message) -> dict[str, Any] | None:
    """What it turned away, the first ones with the reasons."""
    found = rejected_by(client, info)
    return {**found, "told": reasons(client, spot_of(info.output_commit))} if found else None


def _output(client: Client, info: Message) -> dict[str, Any] | None:
    """The commit that it made, None when that was dropped."""
    try:
        made = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=info.output_commit))
    except CalfError as error:
        if error.category is not Category.NOT_FOUND:
            raise
        return None
    return {
        "project": made.commit.repo.project.name,
        "repo": repo_name(made.commit.repo),
        "commit": made.commit.id,
        "finished": rfc3339(made.finished),
        "bytes": made.details.size_bytes or made.size_bytes_upper_bound,
        "error": made.error,
        "good": good_before(client, made),
    }


def _made_in(client: Client, info: Message) -> dict[str, Any] | None:
    """What the signed statement says of where it ran; None where there is none to be read."""
    try:
        statement = ask_for_statement(client, info.output_commit).statement
    except CalfError as error:
        if error.category in (Category.NOT_FOUND, Category.INVALID, Category.UNIMPLEMENTED):
            return None
        raise
    inside = statement.document["predicate"]["buildDefinition"]["internalParameters"]
    cpu = inside.get("cpu") or {}
    return {
        "statement": statement.sha256,
        "source": source_words((inside.get("image") or {}).get("source") or {}),
        "replayed": replayed(client, info.output_commit),
        "engine": str(inside.get("engine", "")),
        "cpu": str(cpu.get("model", "")),
        "features": [str(each) for each in cpu.get("features", ())],
        "environment": {str(key): str(value) for key, value in (inside.get("environment") or {}).items()},
        "secrets": sorted(map(str, inside.get("secrets") or ())),
    }


def _worker(status: Message) -> dict[str, Any]:
    return {
        "worker": status.worker_id,
        "files": [part.path for part in status.datum_status.data],
        "started": rfc3339(status.datum_status.started),
    }
