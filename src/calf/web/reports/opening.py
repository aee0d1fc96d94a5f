"""One evaluation report, opened in a frame, with the facts of its commit around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.web import links
from calf.web.lineage.behind import record
from calf.web.lineage.spots import Spot, find_spot
from calf.web.pages import Ask, Page
from calf.web.reports.decisions import decided_metrics, decision, decisions_about
from calf.web.reports.documents import flat_file
from calf.web.reports.doubts import doubts
from calf.web.reports.figures import headlines, moves
from calf.web.reports.finding import METRICS, page_of, result_repos, results, started_of
from calf.web.reports.limits import limits
from calf.web.reports.listing import decision_data
from calf.web.reports.opinion import opinion
from calf.web.reports.pictures import pictures
from calf.web.reports.replayed import replayed_since
from calf.web.reports.runs import Run, parameters, run_of
from calf.web.reports.summary import data_behind, settings_data
from calf.wire.messages import pfs

if TYPE_CHECKING:
    from calf.web.actions.replays import Replays

_RELEASES = 50


def show_report(replays: Replays, ask: Ask) -> Page:
    """A report. Raises `NotFound` where the commit holds none."""
    spot = find_spot(ask, ask.path["repo"])
    found = record(ask.client, spot)
    page = page_of(ask.client, spot)
    values = flat_file(ask.client, spot, METRICS)
    if not page:
        raise NotFound(
            f"{spot.repo}@{spot.commit} holds no report", "a report is a page in HTML at the top of an output"
        )
    release, older = _around(ask.client, spot)
    before = flat_file(ask.client, Spot(spot.project, spot.repo, older), METRICS) if older else {}
    run = run_of(ask.client, [spot])
    decided = decision(ask.client, _spot(release)) if release else {"checks": (), "doubts": ()}
    wanted = decided_metrics(decided)
    figures = moves(values, before, headlines(values, wanted))
    says, again = opinion(values), replayed_since(ask.client, replays, run)
    held = limits(decided["checks"], values)
    data = {
        **spot.data,
        "finished": found.finished,
        "message": found.message,
        "report_path": page,
        "figures": figures,
        "says": says,
        "doubts": doubts(says, held, decided, again, figures),
        "replayed": again,
        "decision": release,
        "older": older,
        "pictures": [each.path for each in pictures(ask.client, spot)],
        "data": data_behind(run),
        "parameters": {name: dict(flat) for name, flat in parameters(ask.client, run).items()},
        **settings_data(ask.client, run),
        "jobs": jobs_data(run),
    }
    crumbs = (("Reports", links.reports(ask.project)),)
    return Page(
        "reports/report.html", f"Report {spot.repo}@{spot.commit[:8]}", data, crumbs, False, "reports"
    )


def _spot(found: dict[str, Any]) -> Spot:
    return Spot(found["project"], found["repo"], found["commit"])


def _around(client: Client, spot: Spot) -> tuple[dict[str, Any] | None, str]:
    """The decision about a report, and the report before it."""
    _, decided = result_repos(client, spot.project)
    about = decisions_about(client, results(client, spot.project, decided, _RELEASES), [spot])
    before = started_of(client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=spot.message)))
    older = results(client, spot.project, [spot.repo], 1, before, reports=True)
    return decision_data(client, about.get(spot)), older[0].spot.commit if older else ""


def jobs_data(run: Run) -> list[dict[str, Any]]:
    """The jobs of a run, the last one first."""
    return [
        {
            **run.commits[name].spot.data,
            "version": made.version,
            "image": made.image,
            "digest": made.digest,
            "finished": made.finished,
        }
        for name, made in run.jobs.items()
    ]
