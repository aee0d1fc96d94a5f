"""Evaluation reports by commit, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calf.client.connection import Client
from calf.web import links
from calf.web.lineage.spots import Spot
from calf.web.pages import Ask, Page
from calf.web.reports.decisions import decided_metrics, decision, decisions_about
from calf.web.reports.documents import flat_file
from calf.web.reports.figures import headlines, moves
from calf.web.reports.finding import METRICS, Result, page_of, result_repos, results
from calf.web.reports.opinion import opinion
from calf.web.reports.runs import changes, run_of
from calf.web.reports.summary import summary, summary_of

if TYPE_CHECKING:
    from calf.web.actions.replays import Replays

_ROWS = 15
_RELEASES = 50
_CHANGES = 4


def show_reports(replays: Replays, ask: Ask) -> Page:
    """Each report: when, what was decided, the main figures and how they moved, what was changed."""
    before = ask.number("after", 0, 1 << 63) if ask.text("after") else 0
    figures, decided = result_repos(ask.client, ask.project)
    reports = results(ask.client, ask.project, figures, _ROWS + 1, before, reports=True)
    releases = results(ask.client, ask.project, decided, _RELEASES)
    rows = reports_data(ask.client, reports, releases)[:_ROWS]
    more = len(reports) > _ROWS
    data = {
        "rows": rows,
        "names": [each["name"] for each in rows[0]["figures"]] if rows else [],
        "others": sorted(set(figures) - {each.spot.repo for each in reports}),
        "decided": bool(decided),
        "next": reports[_ROWS - 1].started if more else None,
        "summary": summary_of(ask.client, reports, releases, replays) if reports and not before else None,
    }
    return Page(
        "reports/list.html", "Reports", data, ((ask.project, links.dag(ask.project)),), True, "reports"
    )


def show_strip(replays: Replays, ask: Ask) -> Page:
    """The newest report in a line, to stand above the graph."""
    return Page(
        "reports/strip.html", "Is the model good?", {"summary": summary(ask.client, ask.project, replays)}
    )


def reports_data(client: Client, reports: list[Result], releases: list[Result]) -> list[dict[str, Any]]:
    """Reports, newest first, as rows; each is compared with the next of its repo."""
    about = decisions_about(client, releases, [report.spot for report in reports])
    wanted = decided_metrics(decision(client, releases[0].spot)) if releases else []
    rows = []
    for place, report in enumerate(reports):
        older = next((each for each in reports[place + 1 :] if each.spot.repo == report.spot.repo), None)
        values = flat_file(client, report.spot, METRICS)
        names = headlines(values, wanted)
        rows.append(
            {
                **report.spot.data,
                "finished": report.finished,
                "message": report.message,
                "page": page_of(client, report.spot),
                "figures": moves(values, flat_file(client, older.spot, METRICS) if older else {}, names),
                "says": opinion(values),
                "decision": decision_data(client, about.get(report.spot)),
                "older": older.spot.commit if older else "",
                "changes": _changes(client, older.spot, report.spot) if older else None,
            }
        )
    return rows


def _changes(client: Client, old: Spot, new: Spot) -> dict[str, Any]:
    found = changes(client, run_of(client, [old]), run_of(client, [new]))
    return {"shown": found[:_CHANGES], "more": max(0, len(found) - _CHANGES)}


def decision_data(client: Client, release: Result | None) -> dict[str, Any] | None:
    """A decision in short, and where it was taken."""
    if release is None:
        return None
    found = decision(client, release.spot)
    return {
        **release.spot.data,
        "finished": release.finished,
        "alike": release.alike,
        **{key: found[key] for key in ("accepted", "words", "passed", "failed", "doubts")},
        "waived": len(found["waived"]),
        "against": [check["reason"] for check in found["checks"] if check["outcome"] == "failed"],
    }
