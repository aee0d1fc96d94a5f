"""Is the model good, where does it fail, which data made it: what a newcomer wants to know first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calf.client.connection import Client
from calf.web.lineage.spots import Spot
from calf.web.reports.decisions import decided_metrics, decision, decisions_about
from calf.web.reports.documents import Flat, flat_file
from calf.web.reports.doubts import doubts
from calf.web.reports.figures import headlines, is_number, moves
from calf.web.reports.finding import METRICS, Result, page_of, result_repos, results
from calf.web.reports.limits import limits
from calf.web.reports.named import named
from calf.web.reports.opinion import baselines, opinion
from calf.web.reports.pictures import pictures
from calf.web.reports.ran import last_runs
from calf.web.reports.rejected import rejected
from calf.web.reports.replayed import replayed_since
from calf.web.reports.runs import Run, chosen_values, given_and_chosen, parameters, run_of
from calf.web.reports.samples import worst_samples
from calf.web.reports.undecided import undecided
from calf.web.reports.weakest import weakest

if TYPE_CHECKING:
    from calf.web.actions.replays import Replays

_RECENT = 20


def summary(client: Client, project: str, replays: Replays) -> dict[str, Any] | None:
    """What `reports/summary.html` shows of the newest report of a project; None where there is none."""
    figures, decided = result_repos(client, project)
    reports = results(client, project, figures, _RECENT, reports=True)
    releases = results(client, project, decided, _RECENT)
    return summary_of(client, reports, releases, replays) if reports else None


def summary_of(
    client: Client, reports: Sequence[Result], releases: Sequence[Result], replays: Replays
) -> dict[str, Any]:
    """The same of the first of some reports, which is compared with the next one of its repo."""
    report = reports[0]
    older = next((each for each in reports[1:] if each.spot.repo == report.spot.repo), None)
    about = decisions_about(client, releases, [each.spot for each in (report, older) if each])
    values = flat_file(client, report.spot, METRICS)
    release = about.get(report.spot)
    decided = decision(client, release.spot) if release else None
    names = headlines(values, decided_metrics(decided) if decided else ())
    figures = moves(values, flat_file(client, older.spot, METRICS) if older else {}, names)
    run = run_of(client, [report.spot])
    says, again = opinion(values), replayed_since(client, replays, run)
    held = limits(decided["checks"], values) if decided else []
    return {
        **report.spot.data,
        "finished": report.finished,
        "page": page_of(client, report.spot),
        "figures": figures,
        "older": _older(client, older, about) if older else None,
        "says": says,
        "limits": held,
        "doubts": doubts(says, held, decided or None, again, figures),
        "replayed": again,
        "samples": samples_of(values),
        "decision": {**decided, **release.spot.data, "when": release.finished, "alike": release.alike}
        if decided and release
        else None,
        "undecided": None if release else undecided(client, report.spot, releases),
        "weakest": weakest(values),
        "baselines": baselines(values),
        "worst": worst_samples(client, report.spot, run),
        "picture": _worst_picture(client, report.spot),
        "data": data_behind(run),
        "named": named(client, release.spot) if release else None,
        "rejected": rejected_in(client, run),
        **settings_data(client, run),
        "last": last_runs(client, report.spot.project, report.spot.commit),
    }


def _older(client: Client, older: Result, about: Mapping[Spot, Result]) -> dict[str, Any]:
    """The report before, and what was decided about it."""
    release = about.get(older.spot)
    words = decision(client, release.spot)["words"] if release else ""
    samples = samples_of(flat_file(client, older.spot, METRICS))
    return {**older.spot.data, "finished": older.finished, "words": words, "samples": samples}


def samples_of(values: Flat) -> float | None:
    """How many samples some figures are about, if they say so."""
    found = values.get("samples")
    return found if is_number(found) else None


def settings_data(client: Client, run: Run) -> dict[str, Any]:
    """The files of settings of a run, and the values that a search chose instead of those given there."""
    given, chosen = parameters(client, run), chosen_values(client, run)
    return {
        "settings": _files(run, given),
        "chosen": given_and_chosen(given, chosen),
        "searches": _files(run, chosen),
    }


def _files(run: Run, names: Iterable[str]) -> list[dict[str, str]]:
    """Where files by the names `repo:/path` lie; `file` is that name."""
    parts = (name.partition(":") for name in names)
    return [
        {**run.commits[repo].spot.data, "path": path, "file": f"{repo}:{path}"}
        for repo, _, path in parts
        if repo in run.commits
    ]


def _worst_picture(client: Client, spot: Spot) -> str:
    """The picture of the samples that came out worst."""
    return next((each.path for each in pictures(client, spot) if "worst" in each.path.lower()), "")


def rejected_in(client: Client, run: Run) -> list[Mapping[str, Any]]:
    """What the jobs of a run turned away of the data, which the model has not seen."""
    return [found for name in run.jobs if (found := rejected(client, run.commits[name].spot))]


def data_behind(run: Run) -> list[dict[str, Any]]:
    """What users put in, what the first stages read first."""
    found = reversed(run.roots.values())
    return [
        {**each.spot.data, "size": each.size, "finished": each.finished, "message": each.message}
        for each in found
    ]
