"""Two runs beside each other: what was changed, and what came of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.web import links
from calf.web.lineage.spots import Spot, spot_of
from calf.web.pages import Ask, Page
from calf.web.reports.absent import absent_stages, shared_roots, shared_values
from calf.web.reports.decisions import decided_metrics, decision, decisions_about
from calf.web.reports.documents import Flat, flat_file
from calf.web.reports.figures import apart, compared, figure, headlines, is_bound, is_number
from calf.web.reports.finding import METRICS, kinds_of, page_of, result_repos, results
from calf.web.reports.listing import decision_data
from calf.web.reports.pictures import Picture, pictures
from calf.web.reports.runs import Run, changed_values, chosen_values, other_code, parameters, run_of
from calf.wire.messages import pfs

_CHOICES = 30
_MOST_SAME = 400


def show_comparison(ask: Ask) -> Page:
    """Two commit sets. Without any, the two newest reports; raises `NotFound` for one that is not there."""
    client, project = ask.client, ask.project
    figures, decided = result_repos(client, project)
    found = results(client, project, figures, _CHOICES)
    choices = [each for each in found if page_of(client, each.spot)] or found
    sets = list(dict.fromkeys(each.spot.commit for each in choices))
    old, new = ask.text("old") or (sets[1:2] or [""])[0], ask.text("new") or (sets or [""])[0]
    data: dict[str, Any] = {
        "old": old,
        "new": new,
        "choices": [{"commit": each.spot.commit, "finished": each.finished} for each in choices],
        "sides": None,
    }
    if old and new:
        runs = run_of_set(client, project, old), run_of_set(client, project, new)
        releases = results(client, project, decided, _CHOICES)
        reports = [report for run in runs if (report := _report_of(client, run))]
        about = decisions_about(client, releases, reports)
        wanted = decided_metrics(decision(client, releases[0].spot)) if releases else []
        data |= _differences(client, *runs, wanted)
        data["sides"] = [
            _side(client, run, chosen, about) for run, chosen in zip(runs, (old, new), strict=True)
        ]
    crumbs = (("Reports", links.reports(project)),)
    return Page("reports/compare.html", "Compare runs", data, crumbs, False, "reports")


def run_of_set(client: Client, project: str, set_id: str) -> Run:
    """The run whose results a commit set has. Raises `NotFound`."""
    request = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=set_id))
    spots = [
        spot_of(info.commit)
        for info in client.pfs.InspectCommitSet(request)
        if info.commit.repo.project.name == project and info.commit.repo.type == "user"
    ]
    spots = [spot for spot in spots if spot.commit == set_id]
    if not spots:
        raise NotFound(
            f"no commit of project {project} is in the set {set_id}", "take two runs from the list of reports"
        )
    return run_of(client, spots)


def _side(client: Client, run: Run, chosen: str, about: dict[Spot, Any]) -> dict[str, Any]:
    """What a run is called, and what was decided about it."""
    spots = [found.spot for found in run.commits.values()]
    report = _report_of(client, run)
    release = about.get(report) if report else None
    return {
        "set": chosen,
        "finished": max((found.finished for found in run.commits.values()), default=""),
        "report": report.data if report else None,
        "decision": decision_data(client, release),
        "words": decision(client, release.spot)["words"] if release else "",
        "commits": len(spots),
    }


def _report_of(client: Client, run: Run) -> Spot | None:
    return next((spot for spot in _with_figures(client, run) if page_of(client, spot)), None)


def _with_figures(client: Client, run: Run) -> list[Spot]:
    spots = (run.commits[name].spot for name in run.jobs)
    return [spot for spot in spots if METRICS in kinds_of(client, spot)]


def _differences(client: Client, old: Run, new: Run, wanted: list[str]) -> dict[str, Any]:
    before, after = (
        shared_values(run, other, {**parameters(client, run), **chosen_values(client, run)})
        for run, other in ((old, new), (new, old))
    )
    return {
        "absent": [absent_stages(new, old), absent_stages(old, new)],
        "parameters": list(changed_values(before, after)),
        "same_parameters": _same(before, after),
        "results": _results(client, old, new, wanted),
        "pictures": _pictures(client, old, new),
        "data": _moved(old, new),
        "code": [_code(old, new, name) for name in other_code(old, new)],
    }


def _same(old: dict[str, Flat], new: dict[str, Flat]) -> list[dict[str, Any]]:
    """The values that both runs had."""
    found = [
        {"file": file, "name": name, "value": value}
        for file, flat in new.items()
        for name, value in flat.items()
        if file in old and name in old[file] and repr(old[file][name]) == repr(value)
    ]
    return found[:_MOST_SAME]


def _results(client: Client, old: Run, new: Run, wanted: list[str]) -> list[dict[str, Any]]:
    """The figures of each repo that both runs have some in; those with reports first."""
    pairs = []
    for spot in _with_figures(client, new):
        name = new.name(spot)
        if name in old.jobs:
            pairs.append((not page_of(client, spot), name, old.commits[name].spot, spot))
    return [_figures(client, before, after, wanted) for _, _, before, after in sorted(pairs)]


def _figures(client: Client, before: Spot, after: Spot, wanted: list[str]) -> dict[str, Any]:
    old, new = flat_file(client, before, METRICS), flat_file(client, after, METRICS)
    first = headlines(new, wanted)
    names = [name for name in dict.fromkeys([*first, *new, *old]) if _is_figure(name, old, new)]
    rows = [_pair(name, old, new) for name in names]
    return {
        "project": after.project,
        "repo": after.repo,
        "old": before.commit,
        "new": after.commit,
        "first": [row for row in rows if row["name"] in first],
        "other": [row for row in rows if row["name"] not in first and row["word"] != "the same"],
        "same": [row for row in rows if row["name"] not in first and row["word"] == "the same"],
    }


def _is_figure(name: str, old: Flat, new: Flat) -> bool:
    return not is_bound(name) and name != "v" and (is_number(old.get(name)) or is_number(new.get(name)))


def _pair(name: str, old: Flat, new: Flat) -> dict[str, Any]:
    """A figure of both; `overlap`: whether the intervals of the two do, so that they may well be equal."""
    are_apart = apart(old, new, name)
    was, now = old.get(name), new.get(name)
    return {
        "name": name,
        "good": figure(new, name)["good"],
        "old": {**figure(old, name)},
        "new": {**figure(new, name)},
        "difference": now - was if is_number(now) and is_number(was) else None,
        "word": compared(name, was, now) or ("the same" if was == now else "other"),
        "overlap": None if are_apart is None else not are_apart,
    }


def _pictures(client: Client, old: Run, new: Run) -> list[dict[str, Any]]:
    """Pictures that both have; those that are different first, the worst cases before all."""
    found: list[dict[str, Any]] = []
    for name in new.jobs:
        if name not in old.jobs:
            continue
        sides = old.commits[name].spot, new.commits[name].spot
        if sides[0] == sides[1]:
            continue
        before = {each.path: each for each in pictures(client, sides[0])}
        both = (after for after in pictures(client, sides[1]) if after.path in before)
        found += [_picture(sides, before[after.path], after) for after in both]
    with_reports = {name for name in new.jobs if page_of(client, new.commits[name].spot)}
    found.sort(key=lambda each: _rank(each, with_reports))
    return found


def _rank(picture: dict[str, Any], first: Collection[str]) -> tuple[object, ...]:
    """The worst cases before all, then the other pictures of reports, then those of other stages."""
    about = picture["repo"] not in first, picture["repo"], picture["path"]
    return picture["same"], "worst" not in picture["path"], *about


def _picture(sides: tuple[Spot, Spot], old: Picture, new: Picture) -> dict[str, Any]:
    return {
        "project": sides[1].project,
        "repo": sides[1].repo,
        "path": new.path,
        "old": sides[0].commit,
        "new": sides[1].commit,
        "same": old.hash == new.hash,
    }


def _moved(old: Run, new: Run) -> list[dict[str, Any]]:
    """The repos in which users put something else; without those that only stages of one run read."""
    either = {**old.roots, **new.roots}
    shared = shared_roots(old, new) | shared_roots(new, old)
    return [
        {
            "name": name,
            "project": either[name].spot.project,
            "repo": either[name].spot.repo,
            "old": old.roots[name].spot.commit if name in old.roots else "",
            "new": new.roots[name].spot.commit if name in new.roots else "",
            "old_size": old.roots[name].size if name in old.roots else None,
            "new_size": new.roots[name].size if name in new.roots else None,
        }
        for name in dict.fromkeys([*new.roots, *old.roots])
        if name in shared
        and ((name in old.roots) != (name in new.roots) or old.roots[name].spot != new.roots[name].spot)
    ]


def _code(old: Run, new: Run, name: str) -> dict[str, Any]:
    before, after = old.jobs[name], new.jobs[name]
    made = new.commits[name].spot
    return {
        "name": name,
        "project": made.project,
        "pipeline": made.repo,
        "old": {"version": before.version, "image": before.image, "digest": before.digest},
        "new": {"version": after.version, "image": after.image, "digest": after.digest},
    }
