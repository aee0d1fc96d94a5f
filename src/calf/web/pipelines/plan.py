"""What a job of a pipeline would do now, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calf.kit.narrow import narrowed
from calf.model.errors import Unimplemented
from calf.views.plan_words import reasons, summary, words
from calf.web.jobs.shapes import pipeline_of
from calf.web.pages import Ask, Page
from calf.web.pipelines.overview import crumbs
from calf.web.pipelines.shapes import inspect, pipeline_data
from calf.wire.messages import Message, calf_pps

_SHOWN = 100
_LOOKED_AT = 5000


def show_plan(ask: Ask) -> Page:
    """The sum, the reasons, and the first datums that would run; nothing runs for it."""
    name = ask.path["pipeline"]
    info, newest = inspect(ask.client, ask.project, name)
    request = calf_pps.PlanRequest(pipeline=pipeline_of(ask.project, name))
    data = {"pipeline": pipeline_data(info), "newest_version": newest, "plan": _plan(ask, request)}
    return Page("pipelines/plan.html", name, data, crumbs(ask.project), True, "pipelines")


def _plan(ask: Ask, request: Message) -> dict[str, Any] | None:
    """None of a server that makes no plans."""
    try:
        answers = iter(ask.client.call("/calf_pps_v1.API/Plan", request))
        first = next(answers).summary
    except Unimplemented:
        return None
    datums = list(_running(answers, min(first.run, _SHOWN))) if first.run else []
    return {
        "words": summary(first),
        "reasons": reasons(first),
        "base_job": first.base_job,
        "total": first.total,
        "run": first.run,
        "skip": first.skip,
        "remove": first.remove,
        "unknown": first.unknown,
        "commits": [
            {"project": each.repo.project.name, "repo": each.repo.name, "commit": each.id}
            for each in first.commits
        ],
        "datums": datums,
        "hidden": first.run - len(datums),
    }


def _running(answers: Iterator[Message], number: int) -> Iterator[dict[str, Any]]:
    """The first datums that would run, of the first of all."""
    for seen, answer in enumerate(answers):
        if answer.datum.run:
            yield _datum(answer.datum)
            number -= 1
        if not number or seen == _LOOKED_AT:
            return


def _datum(datum: Message) -> dict[str, Any]:
    return {
        "id": datum.id,
        "inputs": [f"{part.file.commit.repo.name}:{part.file.path}" for part in datum.inputs],
        "why": [_difference(each) for each in datum.differences],
    }


def _difference(it: Message) -> str:
    if it.part == "inputs":
        return f"{it.name} {it.kind}"
    pair = [text for text in narrowed(it.before, it.after) if text]
    change = " → ".join(pair) if len(pair) == 2 else ""
    detail = f"{it.name} {it.kind}{': ' if change else ''}{change}" if it.name else change
    return words(it.part, detail)
