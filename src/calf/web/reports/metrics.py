"""Metrics of results over time: a table, and the same as curves."""

from __future__ import annotations

from typing import Any

from calf.web import links
from calf.web.pages import Ask, Page
from calf.web.reports.decisions import decided_metrics, decision
from calf.web.reports.documents import Flat, flat_file
from calf.web.reports.figures import (
    apart,
    best,
    by_depth,
    compared,
    figure,
    headlines,
    is_bound,
    is_number,
)
from calf.web.reports.finding import METRICS, Result, page_of, result_repos, results

_ROWS = 50
_MOST_COLUMNS = 8
_MOST_NAMES = 200
SPLITS = (
    "train",
    "training",
    "validation",
    "valid",
    "val",
    "calibration",
    "test",
    "holdout",
    "before",
    "after",
)
"""Words in the names of figures that say of which data they are."""


def show_metrics(ask: Ask) -> Page:
    """The chosen figures of each result of a repo, newest first."""
    before = ask.number("after", 0, 1 << 63) if ask.text("after") else 0
    sources, decided = result_repos(ask.client, ask.project)
    source = ask.text("source") or _first(ask, sources)
    found = results(ask.client, ask.project, [source] if source else [], _ROWS + 1, before)
    shown = found[:_ROWS]
    values = {each.spot.commit: flat_file(ask.client, each.spot, METRICS) for each in shown}
    names = _numbers(values.values())
    newest = values[shown[0].spot.commit] if shown else {}
    releases = results(ask.client, ask.project, decided, 1)
    wanted = decided_metrics(decision(ask.client, releases[0].spot)) if releases else []
    chosen = _chosen(ask, names) or headlines(newest, wanted)
    offered = _offered(by_depth(names), ask.text("find"), ask.text("split"))
    data = {
        "source": source,
        "sources": sources,
        "names": chosen,
        "offered": [_offer(name, chosen) for name in dict.fromkeys([*chosen, *offered[:_MOST_NAMES]])],
        "not_offered": max(0, len(offered) - _MOST_NAMES),
        "splits": sorted({part for name in names for part in name.split(".") if part in SPLITS}),
        "rows": _rows(ask, shown, values, chosen),
        "next": shown[-1].started if len(found) > _ROWS else None,
        "good": {name: figure(newest, name)["good"] for name in chosen},
    }
    crumbs = (("Reports", links.reports(ask.project)),)
    return Page("reports/metrics.html", "Metrics", data, crumbs, True, "reports")


def _first(ask: Ask, sources: list[str]) -> str:
    """The first repo whose results have reports, else the first with figures."""
    newest = {name: results(ask.client, ask.project, [name], 1) for name in sources}
    with_pages = [name for name, found in newest.items() if found and page_of(ask.client, found[0].spot)]
    return (with_pages or sources or [""])[0]


def _numbers(documents: Any) -> list[str]:
    """The names of all figures, in the order of the documents."""
    found: dict[str, None] = {}
    for document in documents:
        found |= {
            name: None
            for name, value in document.items()
            if is_number(value) and not is_bound(name) and name != "v"
        }
    return list(found)


def _chosen(ask: Ask, names: list[str]) -> list[str]:
    """The figures that the URL names, by commas; names with commas cannot be chosen."""
    known = set(names)
    return [name for name in ask.text("names").split(",") if name in known][:_MOST_COLUMNS]


def _offered(names: list[str], find: str, split: str) -> list[str]:
    return [
        name
        for name in names
        if find.lower() in name.lower() and (not split or split in name.split(".")) and "," not in name
    ]


def _offer(name: str, chosen: list[str]) -> dict[str, Any]:
    """A figure that can be added or taken away, and which columns there are then."""
    is_on = name in chosen
    then = [each for each in chosen if each != name] if is_on else [*chosen, name][-_MOST_COLUMNS:]
    return {"name": name, "on": is_on, "names": ",".join(then)}


def _rows(ask: Ask, shown: list[Result], values: dict[str, Flat], names: list[str]) -> list[dict[str, Any]]:
    """A row a commit; `before` is the value of the next older row."""
    tops = {
        name: best(name, {commit: flat.get(name) for commit, flat in values.items()}) for name in names
    }  # fmt: skip
    rows = []
    for place, each in enumerate(shown):
        own = values[each.spot.commit]
        older = values[shown[place + 1].spot.commit] if place + 1 < len(shown) else {}
        cells = [
            {
                **figure(own, name),
                "before": older.get(name),
                "word": compared(name, older.get(name), own.get(name)),
                "apart": apart(older, own, name),
                "best": each.spot.commit in tops[name],
            }
            for name in names
        ]
        rows.append(
            {
                **each.spot.data,
                "finished": each.finished,
                "message": each.message,
                "page": page_of(ask.client, each.spot),
                "cells": cells,
            }
        )
    return rows
