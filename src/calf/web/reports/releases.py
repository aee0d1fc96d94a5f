"""Releases: what was decided and why, the model's card, what vouches for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calf.client.connection import Client
from calf.web import links
from calf.web.files.previews.markdown import MOST, rendered
from calf.web.files.previews.subject import Subject
from calf.web.files.remote import Remote
from calf.web.lineage.behind import record
from calf.web.lineage.signed import signed_data
from calf.web.lineage.spots import Spot, find_spot
from calf.web.pages import Ask, Page
from calf.web.reports.decisions import decided_metrics, decision
from calf.web.reports.documents import Flat, flat_file, text_file
from calf.web.reports.doubts import doubts
from calf.web.reports.figures import direction, headlines, moves
from calf.web.reports.finding import METRICS, page_of, result_repos, results
from calf.web.reports.limits import limits
from calf.web.reports.listing import decision_data
from calf.web.reports.opening import jobs_data
from calf.web.reports.opinion import opinion
from calf.web.reports.replayed import Again, outcomes, replayed, replayed_since
from calf.web.reports.runs import run_of
from calf.web.reports.summary import data_behind

if TYPE_CHECKING:
    from calf.web.actions.replays import Replays

_ROWS, _OLDER = 30, 30
"""So many are shown, and so many before them are looked at for what the last ones are compared with."""
CARD = "/model/MODEL_CARD.md"
_MODEL = "/model"


def show_releases(replays: Replays, ask: Ask) -> Page:
    """Each release with its decision, newest first."""
    before = ask.number("after", 0, 1 << 63) if ask.text("after") else 0
    _, decided = result_repos(ask.client, ask.project)
    found = results(ask.client, ask.project, decided, _ROWS + _OLDER, before)
    done = outcomes(ask.client, replays)
    rows = _with_figures(
        ask.client,
        [
            {
                **(decision_data(ask.client, each) or {}),
                "message": each.message,
                "model": decision(ask.client, each.spot)["model"],
                "checks": decision(ask.client, each.spot)["checks"],
                "report": (report := report_of(ask.client, each.spot)),
                "replayed": _replayed(ask.client, done, report),
                "decided_by": decided_metrics(decision(ask.client, each.spot))[:1],
            }
            for each in found
        ],
    )[:_ROWS]
    data = {"rows": rows, "next": found[_ROWS - 1].started if len(found) > _ROWS else None}
    crumbs = (("Reports", links.reports(ask.project)),)
    return Page("reports/releases.html", "Releases", data, crumbs, True, "reports")


def _with_figures(client: Client, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the figure that was decided by, and how it moved since the last other one that was accepted."""
    told = []
    for place, row in enumerate(rows):
        before = next((each for each in rows[place + 1 :] if _is_before(row, each)), None)
        new, old = _values(client, row), _values(client, before)
        names = headlines(new, row["decided_by"])[:1]
        held, says = limits(row["checks"], new), opinion(new)
        told.append(
            {
                **{key: value for key, value in row.items() if key != "checks"},
                "says": says,
                "limits": held,
                "doubts": doubts(says, held, row, row["replayed"]),
                "figure": next(iter(moves(new, old, names)), None),
                "before": before["commit"] if before else "",
                "before_in": before["repo"] if before else "",
            }
        )
    return told


def _is_before(row: dict[str, Any], older: dict[str, Any]) -> bool:
    return bool(older["accepted"] and older["report"] and older["report"] != row["report"])


def _values(client: Client, row: dict[str, Any] | None) -> Flat:
    report = row["report"] if row else None
    at = _spot(report) if report else None
    return flat_file(client, at, METRICS) if at else {}


def report_of(client: Client, spot: Spot) -> dict[str, str] | None:
    """The report that a release decided about."""
    for each in (spot, *record(client, spot).made_from):
        if flat_file(client, each, METRICS) and page_of(client, each):
            return each.data
    return None


def _replayed(
    client: Client, done: Mapping[Spot, Again], report: dict[str, str] | None
) -> dict[str, Any] | None:
    """What replays of the jobs behind a report came to; nobody walks there where there was none at all."""
    if report is None or not done:
        return None
    return replayed(done, run_of(client, [_spot(report)]))


def _spot(data: Mapping[str, Any]) -> Spot:
    return Spot(data["project"], data["repo"], data["commit"])


def show_release(replays: Replays, ask: Ask) -> Page:
    """A release. Raises `NotFound` where there is no such commit."""
    spot = find_spot(ask, ask.path["repo"])
    found = record(ask.client, spot)
    decided = decision(ask.client, spot)
    run = run_of(ask.client, [spot])
    report = report_of(ask.client, spot)
    values = _values(ask.client, {"report": report})
    says, held = opinion(values), limits(decided["checks"], values)
    again = replayed_since(ask.client, replays, run_of(ask.client, [_spot(report)])) if report else None
    data: dict[str, Any] = {
        **spot.data,
        "finished": found.finished,
        "message": found.message,
        "decision": {
            **decided,
            "checks": [_with_direction(check) for check in decided["checks"]],
            "doubts": doubts(says, held, decided, again),
        },
        "replayed": again,
        "says": says,
        "report": report,
        "card": _card(ask, spot),
        "card_path": CARD,
        "model": _MODEL if decided["accepted"] else "",
        "signed": signed_data(ask.client, spot),
        "data": data_behind(run),
        "jobs": jobs_data(run),
    }
    crumbs = (("Reports", links.reports(ask.project)), ("Releases", links.releases(ask.project)))
    return Page(
        "reports/release.html", f"Release {spot.repo}@{spot.commit[:8]}", data, crumbs, False, "reports"
    )


def _card(ask: Ask, spot: Spot) -> str:
    """The model's card as HTML; empty when there is none."""
    text = (text_file(ask.client, spot, CARD) or "")[:MOST]
    if not text:
        return ""
    at = Ask(ask.client, {"project": spot.project, "name": spot.repo}, {})
    remote = Remote(ask.client, spot.file(CARD), len(text.encode()))
    return rendered(text, Subject(at, spot.commit, remote, b""))


def _with_direction(check: dict[str, Any]) -> dict[str, Any]:
    return {**check, "good": direction(check["metric"])}
