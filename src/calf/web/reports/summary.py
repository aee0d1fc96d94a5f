"""Is the model good, where does it fail, which data made it: what a newcomer wants to know first."""

from __future__ import annotations

import csv
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.views.states import job_state
from calf.web.lineage.spots import Spot
from calf.web.reports.decisions import decided_metrics, decision, decisions_about
from calf.web.reports.documents import Flat, flat_file, text_file
from calf.web.reports.figures import figure, headlines, interval, is_number
from calf.web.reports.finding import METRICS, Result, page_of, result_repos, results
from calf.web.reports.pictures import pictures
from calf.web.reports.runs import Run, parameters, run_of
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs, pps

_RECENT = 20
_WEAKEST = 3
_MOST_JOBS = 12
_COLUMNS = ("id", "name", "path", "file")


def summary(client: Client, project: str) -> dict[str, Any] | None:
    """What `reports/summary.html` shows of the newest report of a project; None where there is none."""
    figures, decided = result_repos(client, project)
    found = results(client, project, figures, _RECENT)
    report = next((each for each in found if page_of(client, each.spot)), None)
    if report is None:
        return None
    releases = results(client, project, decided, _RECENT)
    return summary_of(client, report, decisions_about(client, releases).get(report.spot))


def summary_of(client: Client, report: Result, release: Result | None) -> dict[str, Any]:
    """The same of a report that is known, and of the release that was decided about it."""
    values = flat_file(client, report.spot, METRICS)
    decided = decision(client, release.spot) if release else None
    names = headlines(values, decided_metrics(decided) if decided else ())
    run = run_of(client, [report.spot])
    return {
        **report.spot.data,
        "finished": report.finished,
        "page": page_of(client, report.spot),
        "figures": [figure(values, name) for name in names],
        "samples": values.get("samples") if is_number(values.get("samples")) else None,
        "decision": {**decided, **release.spot.data, "when": release.finished}
        if decided and release
        else None,
        "weakest": weakest(values),
        "baselines": _baselines(values),
        "worst": _worst(client, report.spot),
        "picture": _worst_picture(client, report.spot),
        "data": data_behind(run),
        "settings": list(parameters(client, run)),
        "last": last_jobs(client, report.spot.project),
    }


def last_jobs(client: Client, project: str) -> list[dict[str, Any]]:
    """What ran last: the jobs of the newest commit set that has any."""
    where = [pfs.Project(name=project)]
    newest = next(iter(client.pps.ListJob(pps.ListJobRequest(projects=where, number=1))), None)
    if newest is None:
        return []
    request = pps.InspectJobSetRequest(job_set=pps.JobSet(id=newest.job.id))
    infos = islice(client.pps.InspectJobSet(request), _MOST_JOBS)
    found = [_job(info) for info in infos if info.job.pipeline.project.name == project]
    return sorted(found, key=lambda each: str(each["started"] or "~"))


def _job(info: Message) -> dict[str, Any]:
    return {
        "pipeline": info.job.pipeline.name,
        "job": info.job.id,
        "state": job_state(info.state),
        "started": rfc3339(info.started),
        "finished": rfc3339(info.finished),
        "processed": int(info.data_processed),
        "skipped": int(info.data_skipped),
        "failed": int(info.data_failed),
        "total": int(info.data_total),
    }


def weakest(values: Flat) -> dict[str, Any]:
    """The lowest parts of the photos that a score is given for, and the classes with the lowest."""
    slices: list[dict[str, Any]] = []
    for name, value in values.items():
        parts = name.split(".")
        if len(parts) == 4 and parts[0] == "slices" and is_number(value) and parts[3] == "mean_iou":
            lead = name.rpartition(".")[0]
            ends = interval(values, name)
            if values.get(f"{lead}.enough", 1):
                slices.append(
                    {
                        "kind": parts[1],
                        "name": parts[2],
                        "value": value,
                        "samples": values.get(f"{lead}.samples"),
                        "low": ends[0] if ends else None,
                        "high": ends[1] if ends else None,
                    }
                )
    classes: list[dict[str, Any]] = [
        {"name": name.removeprefix("iou."), "value": value}
        for name, value in values.items()
        if name.startswith("iou.") and is_number(value)
    ]
    failed = sorted(
        name.split(".")[1] for name, value in values.items() if name.startswith("behaviour.")
        and name.endswith(".ok") and value == 0
    )  # fmt: skip
    return {
        "slices": sorted(slices, key=lambda each: each["value"])[:_WEAKEST],
        "classes": sorted(classes, key=lambda each: each["value"]),
        "behaviour": failed,
    }


def _baselines(values: Flat) -> list[dict[str, Any]]:
    """How much better than simple answers it is."""
    found = []
    for name, value in values.items():
        if name.startswith("baselines.") and name.endswith(".gain") and is_number(value):
            ends = interval(values, name)
            found.append({"name": name[10:-5], "gain": value, "low": ends[0] if ends else None})
    return found


def _worst(client: Client, spot: Spot) -> list[dict[str, str]]:
    """The last rows of the table with a row a sample, the best first."""
    lines = (text_file(client, spot, "/evaluation_result.csv") or "").splitlines()
    if len(lines) < 2:
        return []
    header, *cells = csv.reader([lines[0], *lines[1:][-_WEAKEST:]])
    rows = [dict(zip(header, each, strict=False)) for each in cells]
    first = next((name for name in _COLUMNS if name in header), header[0])
    return [
        {
            "name": row.get(first, ""),
            "value": row.get("mean_iou", ""),
            "about": ", ".join(row[key] for key in ("breed", "size") if row.get(key)),
        }
        for row in reversed(rows)
    ]


def _worst_picture(client: Client, spot: Spot) -> str:
    """The picture of the samples that came out worst."""
    return next((each.path for each in pictures(client, spot) if "worst" in each.path.lower()), "")


def data_behind(run: Run) -> list[dict[str, Any]]:
    """What users put in, what the first stages read first."""
    found = reversed(run.roots.values())
    return [
        {**each.spot.data, "size": each.size, "finished": each.finished, "message": each.message}
        for each in found
    ]
